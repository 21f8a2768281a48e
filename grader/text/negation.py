"""What a sentence says yes and no to: the polarity of each of its words.

A natural-logic reading on the surface (after MacCartney & Manning 2007, "Natural Logic for Textual Inference"): a cue
such as *not* or *without* turns what follows it in its clause, a verb such as *prevents* or *reduces* lessens it, and
the two together assert it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from grader.text.normalize import Span
from grader.text.taking_back import called_false, rest_called_false
from grader.text.tokens import Token

_NEGATORS = frozenset(
    """
    not no never neither nor none nothing nobody nowhere without cannot hardly scarcely barely rarely seldom n't
    cant dont doesnt isnt arent wont wasnt werent didnt couldnt shouldnt wouldnt
    """.split()
)
_CALLING_FALSE = frozenset("false untrue incorrect wrong".split())  # these deny a statement: not *a wrong answer*
_STATES = frozenset("that to".split())  # what a statement begins with
_LESSENERS = frozenset(
    """
    prevent avoid reduc elimin overcom mitig remov solv stop lack combat fight tackl allevi counter suppress minim
    decreas resolv discard ignor fix lessen weaken fail against rid penal punish restrict
    """.split()
)
_NOT_NEGATING_BEFORE = frozenset("only just merely necessarily simply".split())  # "not only … but also"
_REACH = 12  # words: a cue says nothing about what stands farther off
_SHORT_REACH = {
    "no": 3,
    "without": 5,
    "nothing": 5,
    "nobody": 5,
    "none": 5,
    "neither": 6,
    "nor": 6,
}  # these turn a phrase
_BREAK = re.compile(r"[,;:()\[\]]")
_ENDS_SCOPE = frozenset("but however although though whereas while because unless except instead rather".split())


class Polarity(IntEnum):
    """What is said of a word: plainly, lessened, denied, or asserted again through a denial of what lessens it."""

    PLAIN = 0
    LESSENED = 1
    NEGATED = 2
    RESTORED = 3

    @property
    def turned(self) -> Polarity:
        """What is left where that is denied."""
        return _TURNED[self]


_TURNED = {
    Polarity.PLAIN: Polarity.NEGATED,
    Polarity.NEGATED: Polarity.PLAIN,
    Polarity.LESSENED: Polarity.RESTORED,
    Polarity.RESTORED: Polarity.LESSENED,
}


def negators(tokens: Sequence[Token]) -> tuple[int, ...]:
    """The places (indices of tokens) of the words that negate."""
    return tuple(place for place in range(len(tokens)) if _is_negator(tokens, place))


def _is_negator(tokens: Sequence[Token], place: int) -> bool:
    form = tokens[place].form
    following = tokens[place + 1].form if place + 1 < len(tokens) else ""
    if form in _CALLING_FALSE:
        return following in _STATES
    if form not in _NEGATORS and not form.endswith("n't"):
        return False
    return following not in _NOT_NEGATING_BEFORE and not (form == "no" and following == "matter")


def polarities(text: str, tokens: Sequence[Token], clauses: Sequence[Span]) -> tuple[Polarity, ...]:
    """The polarity of each word of a sentence.

    Args:
        text: the whole text that spans point into.
        tokens: the words of the sentence, in order.
        clauses: the spans of its clauses, in order; no scope crosses from one into the next, nor over a comma, but that
            of words that call the whole rest false.
    """
    stretch_of = _stretch_of(text, tokens, clauses)
    false = called_false(tokens) or range(0)
    negated = _scopes(tokens, stretch_of, set(negators(tokens)).difference(false))
    lessened = _scopes(tokens, stretch_of, {i for i, token in enumerate(tokens) if token.stem in _LESSENERS})
    found = [_polarity(no, less) for no, less in zip(negated, lessened, strict=True)]
    for place in rest_called_false(tokens, false) if false else ():
        found[place] = found[place].turned
    return tuple(found)


def _polarity(negated: bool, lessened: bool) -> Polarity:
    if negated:
        return Polarity.RESTORED if lessened else Polarity.NEGATED
    return Polarity.LESSENED if lessened else Polarity.PLAIN


def _scopes(tokens: Sequence[Token], stretch_of: Sequence[int], cues: set[int]) -> list[bool]:
    """Which words stand in the scope of one of the cues; a second cue in a scope turns it back."""
    inside = [False] * len(tokens)
    reach, turned, stretch = -1, False, -1
    for place, token in enumerate(tokens):
        if stretch_of[place] != stretch or token.form in _ENDS_SCOPE or place > reach:
            stretch, turned = stretch_of[place], False
        inside[place] = turned
        if place in cues:
            turned = not turned
            reach = place + _SHORT_REACH.get(token.form, _REACH)
    return inside


def _stretch_of(text: str, tokens: Sequence[Token], clauses: Sequence[Span]) -> list[int]:
    """Number the stretches that no scope leaves: each word's, counted up at every clause and punctuation mark."""
    found: list[int] = []
    clause = stretch = end = 0
    for token in tokens:
        while clause + 1 < len(clauses) and token.start >= clauses[clause].end:
            clause, stretch = clause + 1, stretch + 1
        if found and _BREAK.search(text, end, token.start):
            stretch += 1
        found.append(stretch)
        end = token.end
    return found
