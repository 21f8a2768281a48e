"""Criteria drafted from a reference with the encoder."""

from __future__ import annotations

from collections.abc import Sequence

from grader.authoring.statements import statements
from grader.bank.key_terms import Worth
from grader.bank.question import Criterion, Question
from grader.encoders.protocol import Encoder, Encoding
from grader.text.reading import read
from grader.text.tokens import Token, tokenize

MOST_CRITERIA = 8  # as in the banks that come with the project
_KEY_TERMS = 4
_LONGEST_TERM = 60  # letters: what is longer is no word
_LONGEST_STATEMENT = 2_000  # code points


def draft_criteria(question: Question, worth: Worth, encoder: Encoder) -> tuple[Criterion, ...]:
    """Criteria for a question from its first reference: one for each thing that it states, at most eight.

    Of more, the neighbours that are most alike become one. Keywords are the words that the question does not have and
    that tell most: by `worth`, their inverse frequency in the bank, times how near they come to the statement's vector
    (the vectors of words in their context, as in Grootendorst's KeyBERT, 2020).
    """
    told = read(question.question).content_stems
    pieces = _joined(statements(question.references[0]), encoder)
    encodings = encoder.encode(pieces)
    return tuple(
        Criterion(
            id=f"drafted-{number}",
            statement=piece,
            keywords=tuple((term,) for term in _key_terms(piece, encoding, told, worth)),
        )
        for number, (piece, encoding) in enumerate(zip(pieces, encodings, strict=True), start=1)
    )


def _joined(pieces: Sequence[str], encoder: Encoder) -> list[str]:
    joined = [piece[:_LONGEST_STATEMENT] for piece in pieces]
    while len(joined) > MOST_CRITERIA:
        vectors = [encoding.vector for encoding in encoder.encode(joined)]
        alike = [float(vectors[i] @ vectors[i + 1]) - _length_cost(joined, i) for i in range(len(vectors) - 1)]
        place = max(range(len(alike)), key=lambda i: alike[i])
        joined[place : place + 2] = [f"{joined[place]} {joined[place + 1]}"[:_LONGEST_STATEMENT]]
    return joined


def _length_cost(pieces: Sequence[str], place: int) -> float:
    """Short neighbours rather than long ones: in units of cosine, .1 for each further hundred letters."""
    return 0.001 * (len(pieces[place]) + len(pieces[place + 1]))


def _key_terms(statement: str, encoding: Encoding, told: frozenset[str], worth: Worth) -> list[str]:
    candidates: dict[str, Token] = {}
    for token in tokenize(statement):
        if token.is_content and len(token.form) <= _LONGEST_TERM and token.stem not in told:
            candidates.setdefault(token.stem, token)

    def tells(token: Token) -> float:
        return worth.get(token.stem, 1.0) * float(encoding.pool(token.start, token.end) @ encoding.vector)

    best = sorted(candidates.values(), key=lambda token: (-tells(token), token.start))[:_KEY_TERMS]
    return [token.form for token in sorted(best, key=lambda token: token.start)]
