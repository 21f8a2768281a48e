"""Fit a combination to marks that people gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear, minimize_scalar

from grader.scoring.combination import Combination

Array = npt.NDArray[np.float64]

_LEAST_SPREAD = 0.15  # of the marks of one question: below it, a question's few marks would be stretched to noise
_RIDGE = 0.02
_STRANGERS = 0.1  # the share of answers to other questions, which earn nothing, among those that set the power
_PLAIN = 0.02  # the share of references, such as a single word of the question, that do not say all of themselves
_POWERS = (0.25, 4.0)
_DECIMALS = 5


@dataclass(frozen=True)
class Marked:
    """Answers with what was measured of them and the marks they got.

    Attributes:
        features: shape (n, f).
        marks: shape (n,), in [0, 1].
        questions, sets: shape (n,), the names of each answer's question and data set.
        strangers: shape (m, f), the same features of answers to other questions of the same data sets.
        references: shape (k, f), the same features of references, read as answers against themselves.
    """

    features: Array
    strangers: Array
    references: Array
    marks: Array
    questions: npt.NDArray[np.str_]
    sets: npt.NDArray[np.str_]

    def first(self, features: int) -> Marked:
        """The same answers, by their first features alone."""
        return replace(
            self,
            features=self.features[:, :features],
            strangers=self.strangers[:, :features],
            references=self.references[:, :features],
        )

    def where(self, chosen: npt.NDArray[np.bool_]) -> Marked:
        """The chosen answers; strangers and references stay."""
        return replace(
            self,
            features=self.features[chosen],
            marks=self.marks[chosen],
            questions=self.questions[chosen],
            sets=self.sets[chosen],
        )


def fit_combination(name: str, signs: Mapping[str, int], marked: Marked) -> Combination:
    """Weights by bounded ridge regression within questions; the power by least squares over all.

    Data sets differ in how hard their questions are and how they are marked. What tells a good answer from a bad one to
    the *same* question carries over, so features and marks are centred by question, and marks scaled by their spread
    there. Each data set counts the same.

    Args:
        name: what receipts call it.
        signs: the features in order, each with 1 (never lowers a mark) or -1 (never raises it).
        marked: the answers.
    """
    share = _shares(marked.sets)
    centred, target = _within(marked)
    spread = np.sqrt(np.average(centred**2, axis=0, weights=share)) + 1e-9
    root = np.sqrt(share * len(share))[:, None]
    ridge = np.sqrt(_RIDGE * len(share)) * np.eye(len(signs))
    system = np.concatenate([centred / spread * root, ridge])
    wanted = np.concatenate([target * root[:, 0], np.zeros(len(signs))])
    bounds = (
        [0.0 if sign > 0 else -np.inf for sign in signs.values()],
        [np.inf if sign > 0 else 0.0 for sign in signs.values()],
    )
    weights = lsq_linear(system, wanted, bounds).x / spread
    full = float(np.quantile(marked.references @ weights, _PLAIN))
    return Combination(
        name=name,
        weights={feature: round(float(weight), _DECIMALS) for feature, weight in zip(signs, weights, strict=True)},
        full=round(full, _DECIMALS),
        power=round(_power(weights / full, marked, share), _DECIMALS),
    )


def _shares(sets: npt.NDArray[np.str_]) -> Array:
    """The weight of each answer; every data set has the same total, all together 1."""
    _, place, counts = np.unique(sets, return_inverse=True, return_counts=True)
    shares: Array = 1.0 / (counts[place] * len(counts))
    return shares


def _within(marked: Marked) -> tuple[Array, Array]:
    """Features less their question's mean; marks less theirs, in units of their spread there."""
    _, place, counts = np.unique(marked.questions, return_inverse=True, return_counts=True)
    mean = _by_question(marked.marks, place, counts)
    centred = marked.marks - mean[place]
    spread = np.sqrt(_by_question(centred**2, place, counts))
    features = np.stack([column - _by_question(column, place, counts)[place] for column in marked.features.T], axis=1)
    return features, centred / np.maximum(spread, _LEAST_SPREAD)[place]


def _by_question(values: Array, place: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]) -> Array:
    means: Array = np.bincount(place, weights=values, minlength=len(counts)) / counts
    return means


def _power(weights: Array, marked: Marked, share: Array) -> float:
    """The power of the least squared error over all answers, those to other questions included, which earn nothing."""
    totals = np.clip(np.concatenate([marked.features, marked.strangers]) @ weights, 0, 1)
    marks = np.concatenate([marked.marks, np.zeros(len(marked.strangers))])
    strange = np.full(len(marked.strangers), _STRANGERS / max(len(marked.strangers), 1))
    shares = np.concatenate([share * (1 - _STRANGERS), strange])

    def error(power: float) -> float:
        return float(shares @ (totals**power - marks) ** 2)

    return float(minimize_scalar(error, bounds=_POWERS, method="bounded").x)
