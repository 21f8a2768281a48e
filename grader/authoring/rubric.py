"""Criteria drafted from a reference with the encoder."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.authoring.statements import statements
from grader.bank.key_terms import Worth
from grader.bank.keywords import Keywords
from grader.bank.question import DRAFTED, Criterion, Question
from grader.encoders.protocol import Encoder, unit
from grader.text.reading import read
from grader.text.tokens import Token, tokenize

# as in the banks that come with the project; with twelve, drafts from their four documents grade the banks' exemplars
# hardly nearer to the marks (r .252 against .246)
MOST_CRITERIA = 8
_KEY_TERMS = 4
_LONGEST_TERM = 60  # letters: what is longer is no word
_FORMULA = re.compile(r"\${1,2}[^$]+\${1,2}")  # nobody answers with the names of its signs
_LONGEST_STATEMENT = 2_000  # code points


def draft_criteria(question: Question, worth: Worth, encoder: Encoder) -> tuple[Criterion, ...]:
    """Criteria for a question from its first reference: one for each thing that it states, at most eight.

    Of more, the neighbours that are most alike become one. Keywords are the words that the question does not have and
    that tell most, by `worth`: their inverse frequency in the bank. (To weigh them by their vectors' nearness to the
    statement's as well changed nothing: r .243 against .246, measured as above.)
    """
    told = read(question.question).content_stems
    return tuple(
        Criterion(id=f"{DRAFTED}{number}", statement=piece, keywords=_key_terms(piece, told, worth))
        for number, piece in enumerate(_joined(statements(question.references[0]), encoder), start=1)
    )


def _joined(pieces: Sequence[str], encoder: Encoder) -> list[str]:
    joined = [piece[:_LONGEST_STATEMENT] for piece in pieces]
    if len(joined) <= MOST_CRITERIA:
        return joined
    vectors = [encoding.vector for encoding in encoder.encode(joined)]
    while len(joined) > MOST_CRITERIA:
        alike = [float(vectors[i] @ vectors[i + 1]) - _length_cost(joined, i) for i in range(len(vectors) - 1)]
        place = max(range(len(alike)), key=lambda i: alike[i])
        joined[place : place + 2] = [f"{joined[place]} {joined[place + 1]}"[:_LONGEST_STATEMENT]]
        vectors[place : place + 2] = [unit(vectors[place] + vectors[place + 1])]
    return joined


def _length_cost(pieces: Sequence[str], place: int) -> float:
    """Short neighbours rather than long ones: in units of cosine, .1 for each further hundred letters."""
    return 0.001 * (len(pieces[place]) + len(pieces[place + 1]))


def _key_terms(statement: str, told: frozenset[str], worth: Worth) -> Keywords:
    candidates: dict[str, Token] = {}
    for token in tokenize(_FORMULA.sub("", statement)) or tokenize(statement):
        if token.is_content and len(token.form) <= _LONGEST_TERM and token.stem not in told:
            candidates.setdefault(token.stem, token)

    def rank(token: Token) -> tuple[float, int, int]:
        return -worth.get(token.stem, 0.0), -len(token.form), token.start

    best = sorted(candidates.values(), key=rank)[:_KEY_TERMS]
    return tuple((token.form,) for token in sorted(best, key=lambda token: token.start))
