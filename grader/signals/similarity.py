"""Similarity: how near an answer's clauses and words come to a text, beyond what the question itself does.

A cosine says what a text is about. So every cosine is read as a *lift*: how far it rises above the cosine that the
question, repeated, would earn, on the way to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grader.encoders.protocol import Floats
from grader.signals.encoded import EncodedText
from grader.text.normalize import Span

_CHANCE = 0.15  # no lift begins below this cosine: answers to different questions have a median of 0.26
_WORD_NOISE = 0.35  # 95 of 100 pairs of different content words have a cosine below 0.21
_WORD_SAME = 0.75  # the same word in two answers has a median of 0.67


@dataclass(frozen=True, slots=True)
class Wordings:
    """A statement, and the single claims that it is said as, made ready to be compared with answers.

    The words of its own that a wording has are those that the question has not nor, where it words a misconception,
    references and criteria: what the right answer's words alone say is told by their order, not by the words.

    Attributes:
        written: the wordings as they are read, the statement itself first.
        vectors: shape (n, d), each wording as a whole.
        bases: shape (n,), the cosine of the question to each.
        words: shape (w, d), the content words of their own, wording by wording.
        starts: shape (k,), where those of a wording begin in `words`, for each wording that has any.
        sizes: shape (k,), how many content words each of these has that the question has not.
    """

    written: tuple[str, ...]
    vectors: Floats
    bases: Floats
    words: Floats
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StatementSimilarity:
    """How near an answer comes to one statement, in whichever of its wordings says so most.

    Attributes:
        cosine: of the nearest clause or sentence, in [-1, 1].
        lift: the same above the question's own cosine, in [0, 1].
        coverage: the share of a wording's content words that are its own and that the answer comes near to; in
            [0, 1], 0 where it has none. The question's words are left out.
        nearest: the span of the nearest clause in the text read; None for an answer without words.
    """

    cosine: float
    lift: float
    coverage: float
    nearest: Span | None


def make_wordings(texts: Sequence[EncodedText], question: EncodedText, shared: frozenset[str]) -> Wordings:
    """Wordings made ready.

    Args:
        texts: the statement and what it is said as.
        question: what is asked.
        shared: the stems that are not a wording's own.
    """
    asked = question.reading.content_stems
    left = [[row for row, token in enumerate(text.word_tokens) if token.stem not in asked] for text in texts]
    own = [
        [row for row in rows if text.word_tokens[row].stem not in shared]
        for text, rows in zip(texts, left, strict=True)
    ]
    counts = np.array([len(rows) for rows in own])
    vectors = np.stack([text.whole for text in texts])
    return Wordings(
        tuple(text.reading.normalized.written for text in texts),
        vectors,
        vectors @ question.whole,
        np.concatenate([text.words[rows] for text, rows in zip(texts, own, strict=True)]),
        (np.cumsum(counts) - counts)[counts > 0],
        np.array([len(rows) for rows in left])[counts > 0],
    )


def lift(cosine: Floats | float, base: Floats | float) -> Floats:
    """How far a cosine rises above a base on the way to 1, elementwise, clipped to [0, 1]."""
    floor = np.maximum(base, _CHANCE)
    return np.asarray(np.clip((cosine - floor) / np.maximum(1 - floor, 1e-6), 0, 1), np.float32)


def statement_similarity(answer: EncodedText, wordings: Wordings) -> StatementSimilarity:
    """How near an answer comes to a statement (a criterion's or a misconception's)."""
    if not len(answer.clauses):
        return StatementSimilarity(0.0, 0.0, 0.0, None)
    cosines = wordings.vectors @ answer.clauses.T
    highest = cosines.max(axis=1)
    return StatementSimilarity(
        float(highest.max()),
        float(lift(highest, wordings.bases).max()),
        _coverage(answer, wordings),
        answer.clause_spans[int(cosines.max(axis=0).argmax())],
    )


def _coverage(answer: EncodedText, wordings: Wordings) -> float:
    if not len(wordings.words) or not len(answer.words):
        return 0.0
    best = (wordings.words @ answer.words.T).max(axis=1)
    near = np.clip((best - _WORD_NOISE) / (_WORD_SAME - _WORD_NOISE), 0, 1)
    return float((np.add.reduceat(near, wordings.starts) / wordings.sizes).max())
