"""What is taken back: words that call false what follows them in their sentence, or what stands before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from grader.text.tokens import Token

_CALLED_FALSE = re.compile(
    r"\b(?:false|untrue|wrong|incorrect|nonsense|(?:not|isn't|never) (?:true|right|correct|the case)"
    r"|an? (?:[a-z]+ )?(?:myth|misconception|mistake|fallacy|error))"
    r" (?:to (?:say|think|claim|believe|state|assume) )?that\b"
)
_TURNS = frozenset("but however rather instead whereas although though".split())  # here a sentence says its own again

# A sentence that takes something back has a word that does so, a word for what stood before, and nothing else to say.
_FALSE = frozenset("wrong false untrue incorrect myth mistake mistaken misconception nonsense fallacy".split())
_TRUE = frozenset("true right correct".split())
_NOT = frozenset("not isn't aren't wasn't never n't".split())
_OPPOSITE = frozenset("opposite contrary reverse".split())
_FORGET = frozenset("forget scratch strike".split())
_BEFORE = frozenset("that that's this it it's its these those they which".split())
_ALL_BEFORE = frozenset("all everything none nothing above said wrote".split())
_BESIDE = frozenset(
    """
    but no and so well actually sorry wait hmm correction in fact though however is was are were a an the of i just
    simply completely entirely common widespread what many people believe think some most say really be to have my let
    me case take took back
    """.split()
)
_ALLOWED = _FALSE | _TRUE | _NOT | _OPPOSITE | _FORGET | _BEFORE | _ALL_BEFORE | _BESIDE
_LONGEST = 16  # words


class TakenBack(Enum):
    """How much of what stands before a sentence it takes back."""

    NOTHING = "nothing"
    SENTENCE = "the sentence before it"
    ALL = "all before it"


def called_false(tokens: Sequence[Token]) -> range | None:
    """The words of a sentence that call the rest of it false, as places of tokens; None where there are none."""
    said = " ".join(token.form for token in tokens)
    found = _CALLED_FALSE.search(said)
    if found is None:
        return None
    return range(said[: found.start()].count(" "), said[: found.end()].count(" ") + 1)


def rest_called_false(tokens: Sequence[Token], cue: range) -> range:
    """The places of the words that are called false: up to where the sentence turns to what it says itself."""
    end = next((place for place in range(cue.stop, len(tokens)) if tokens[place].form in _TURNS), len(tokens))
    return range(cue.stop, end)


def taken_back(tokens: Sequence[Token]) -> TakenBack:
    """What a sentence takes back: it must say nothing else."""
    forms = {token.form for token in tokens}
    if len(tokens) > _LONGEST or not forms <= _ALLOWED or not forms & (_BEFORE | _ALL_BEFORE):
        return TakenBack.NOTHING
    if forms & (_OPPOSITE | _FORGET) or {"take", "back"} <= forms:
        return TakenBack.ALL
    denied = bool(forms & _NOT) or bool(forms & {"none", "nothing"} and forms & _TRUE)
    if bool(forms & _FALSE) != denied and forms & (_FALSE | _TRUE):
        return TakenBack.ALL if forms & _ALL_BEFORE else TakenBack.SENTENCE
    return TakenBack.NOTHING
