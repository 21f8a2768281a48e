"""Similarity: how near an answer's clauses and words come to a text, beyond what the question itself does.

A cosine says what a text is about. So every cosine is read as a *lift*: how far it rises above the cosine that the
question, repeated, would earn, on the way to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.encoders.protocol import Floats
from grader.signals.encoded import EncodedText
from grader.text.normalize import Span

_CHANCE = 0.15  # no lift begins below this cosine: answers to different questions have a median of 0.26
_WORD_NOISE = 0.35  # 95 of 100 pairs of different content words have a cosine below 0.21
_WORD_SAME = 0.75  # the same word in two answers has a median of 0.67


@dataclass(frozen=True, slots=True)
class StatementSimilarity:
    """How near an answer comes to one statement.

    Attributes:
        cosine: of the nearest clause or sentence, in [-1, 1].
        lift: the same above the question's own cosine, in [0, 1].
        coverage: the share of the statement's content words that are its own and that the answer comes near to; in
            [0, 1], 0 where it has none. The question's words are left out; those of references and criteria are not a
            misconception's own: what the right answer's words alone say is told by their order, not by the words.
        nearest: the span of the nearest clause in the text read; None for an answer without words.
    """

    cosine: float
    lift: float
    coverage: float
    nearest: Span | None


def lift(cosine: Floats | float, base: Floats | float) -> Floats:
    """How far a cosine rises above a base on the way to 1, elementwise, clipped to [0, 1]."""
    floor = np.maximum(base, _CHANCE)
    return np.asarray(np.clip((cosine - floor) / np.maximum(1 - floor, 1e-6), 0, 1), np.float32)


def statement_similarity(
    answer: EncodedText, statement: EncodedText, question: EncodedText, shared: frozenset[str]
) -> StatementSimilarity:
    """How near an answer comes to a statement (a criterion's or a misconception's).

    Args:
        answer: what was answered.
        statement: what may be said in it.
        question: what was asked.
        shared: the stems that are not the statement's own.
    """
    if not len(answer.clauses):
        return StatementSimilarity(0.0, 0.0, 0.0, None)
    cosines = answer.clauses @ statement.whole
    nearest = int(np.argmax(cosines))
    base = float(question.whole @ statement.whole)
    return StatementSimilarity(
        float(cosines[nearest]),
        float(lift(float(cosines[nearest]), base)),
        _covered_words(statement, answer, question.reading.content_stems, shared),
        answer.clause_spans[nearest],
    )


def _covered_words(wanted: EncodedText, given: EncodedText, asked: frozenset[str], shared: frozenset[str]) -> float:
    """Of one text's content words, those asked left out, the share that is not shared and that another has."""
    kept = [(row, token.stem) for row, token in enumerate(wanted.word_tokens) if token.stem not in asked]
    own = [row for row, stem in kept if stem not in shared]
    if not own or not len(given.words):
        return 0.0
    best = (wanted.words @ given.words.T).max(axis=1)[own]
    near = np.clip((best - _WORD_NOISE) / (_WORD_SAME - _WORD_NOISE), 0, 1)
    return float(near.sum() / len(kept))
