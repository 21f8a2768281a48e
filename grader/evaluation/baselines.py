"""What can be scored without grading: the scores that a grader must beat.

Each gives one number in [0, 1] for each answer, of shape (n,), and sees no mark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata
from sklearn.feature_extraction.text import TfidfVectorizer

from grader.encoders.protocol import Encoder
from grader.encoders.protocol import Floats as Vector
from grader.evaluation.datasets import MarkedAnswer
from grader.evaluation.graded import Progress
from grader.evaluation.metrics import Floats
from grader.signals.encoded import encode_texts
from grader.text.reading import read
from grader.text.tokens import tokenize

_AT_ONCE = 256

BASELINES = {
    "cosine": "cosine of the whole answer's vector to the nearest reference",
    "tfidf": "cosine of TF-IDF word vectors, fitted on the questions and references",
    "token_f1": "overlap of words with the nearest reference (F1)",
    "length": "length alone: the answer's rank by its number of words",
}
"""Every baseline and what it is."""


def cosine(answers: Sequence[MarkedAnswer], encoder: Encoder, progress: Progress) -> Floats:
    """The cosine of each answer to its nearest reference, negative ones at 0."""
    vectors: dict[str, Vector] = {}
    scores: list[float] = []
    for first in range(0, len(answers), _AT_ONCE):
        some = answers[first : first + _AT_ONCE]
        unseen = sorted({text for one in some for text in one.references} - vectors.keys())
        encoded = encode_texts([read(text) for text in (*unseen, *(one.answer for one in some))], encoder)
        vectors.update((text, one.whole) for text, one in zip(unseen, encoded[: len(unseen)], strict=True))
        for answer, one in zip(some, encoded[len(unseen) :], strict=True):
            scores.append(max(float(one.whole @ vectors[text]) for text in answer.references))
        progress(len(some))
    return np.clip(np.array(scores, dtype=np.float64), 0.0, 1.0)


def tfidf(answers: Sequence[MarkedAnswer]) -> Floats:
    """The TF-IDF cosine of each answer to its nearest reference; rare words are those rare in this file's questions."""
    known = sorted({text for one in answers for text in (one.question, *one.references)})
    references = sorted({text for one in answers for text in one.references})
    place = {text: number for number, text in enumerate(references)}
    vectorizer = TfidfVectorizer(tokenizer=_words, token_pattern=None, lowercase=False).fit(known)
    reference_rows = vectorizer.transform(references)
    answer_rows = vectorizer.transform([one.answer for one in answers])
    best = np.zeros(len(answers))
    for most in range(max(len(one.references) for one in answers)):  # the first reference of each, then the second, …
        rows = np.array([number for number, one in enumerate(answers) if len(one.references) > most])
        texts = [place[answers[number].references[most]] for number in rows]
        cosines = np.asarray(answer_rows[rows].multiply(reference_rows[texts]).sum(axis=1)).ravel()
        best[rows] = np.maximum(best[rows], cosines)
    return np.clip(best, 0.0, 1.0)


def token_f1(answers: Sequence[MarkedAnswer]) -> Floats:
    """The word overlap of each answer with its nearest reference, as in Rajpurkar et al. (2016), SQuAD."""
    counts = {text: Counter(_words(text)) for one in answers for text in one.references}
    return np.array([max(_f1(Counter(_words(one.answer)), counts[text]) for text in one.references) for one in answers])


def length(answers: Sequence[MarkedAnswer]) -> Floats:
    """The middle rank of each answer by its number of words, from 0 (the shortest) to 1."""
    ranks = rankdata([len(_words(one.answer)) for one in answers])
    return np.asarray((ranks - 1) / max(len(answers) - 1, 1), dtype=np.float64)


def _words(text: str) -> list[str]:
    return [token.form for token in tokenize(text)]


def _f1(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
