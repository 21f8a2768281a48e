"""Fit a marker's scales to few marks: Bayesian linear regression of marks on scores, pooled over questions.

What a mark is more than its score is linear in two numbers (see `features`). Those of a question are those of its bank
plus its own; both have normal priors around 0, the score itself, so that few marks move it little. All is linear and
normal, so the posterior is exact: Lindley and Smith (1972), Bayes estimates for the linear model.

A scale must beat the score itself on its own marks, every mark predicted from the others, and so must all scales of a
bank together; else it is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.scoring.scale import IDENTITY, Scale
from grader.training.marked_question import CENTRE, Array, MarkedQuestion, features
from grader.training.scale_prior import ScalePrior

LEAST_MARKS = 2
"""The marks from which a question gets a scale of its own: with one, no mark can be predicted from the others."""

_LEAST_SLOPE = 0.1  # of a scale: a flatter one would give all answers one mark
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class FittedScale:
    """The scale of a question, and what it is worth on the question's own marks.

    Attributes:
        before: the squared error, on average, of the scores themselves.
        after: that of marks predicted each from the others; None with fewer than `LEAST_MARKS`.
        scale: `IDENTITY` where `after` is not below `before`, of the question or of all of its bank together.
    """

    question: MarkedQuestion
    before: float
    after: float | None
    scale: Scale

    @property
    def gain(self) -> float:
        """By how much the scale lowers the squared error."""
        return 0.0 if self.after is None else self.before - self.after

    @property
    def moves(self) -> bool:
        """Whether scores are moved."""
        return self.scale != IDENTITY


@dataclass(frozen=True, slots=True)
class FittedScales:
    """The scales of questions, in order, and those of banks that have one, for questions without marks."""

    questions: tuple[FittedScale, ...]
    banks: dict[str, Scale]


def fit_scales(questions: Sequence[MarkedQuestion], prior: ScalePrior) -> FittedScales:
    """The scales of questions by their marks. Those of one bank are pooled, as are all questions of no bank."""
    fitted: dict[str, FittedScale] = {}
    banks: dict[str, Scale] = {}
    for bank in dict.fromkeys(question.bank for question in questions):
        members = [question for question in questions if question.bank == bank]
        pool = _Pool(members, prior)
        tried = [_fit(place, pool) for place in range(len(members))]
        fitted |= {one.question.key: one for one in _kept(tried)}
        if bank is not None and _helps_unseen(pool):
            banks[bank] = _scale(pool.shared)
    return FittedScales(tuple(fitted[question.key] for question in questions), banks)


def _kept(tried: Sequence[FittedScale]) -> list[FittedScale]:
    """The scales that beat scores on their own marks, if all together do; the others as `IDENTITY`."""
    known = [(len(one.question), one.before, one.after) for one in tried if one.after is not None]
    together = sum(count * (before - after) for count, before, after in known)
    return [one if together > 0 and one.gain > 0 else replace(one, scale=IDENTITY) for one in tried]


class _Pool:
    """The questions of a bank: what their marks tell of (a, b), of each and of all together.

    What marks y tell of the numbers x of one question, of which F x is a linear function, is held as precision FᵀF / σ²
    and weighted mean Fᵀy / σ².
    """

    def __init__(self, questions: Sequence[MarkedQuestion], prior: ScalePrior) -> None:
        self.questions = questions
        self._noise = prior.noise**2
        self._own = prior.own_covariance
        self._told = [self._tell(question) for question in questions]
        shared = [self._of_shared(precision, mean) for precision, mean in self._told]
        self._precision = np.diag(1 / np.array(prior.shared)) + sum(precision for precision, _ in shared)
        self._mean = np.zeros(2) + sum(mean for _, mean in shared)
        self._shared = shared

    @property
    def shared(self) -> Array:
        """Shape (2,): what the questions have in common."""
        return _solve(self._precision, self._mean)

    def without(self, place: int) -> Array:
        """Shape (2,): what the other questions have in common."""
        precision, mean = self._shared[place]
        return _solve(self._precision - precision, self._mean - mean)

    def own(self, place: int) -> Array:
        """Shape (2,): the numbers of one question."""
        return self._own_given(*self._told[place], self.shared)

    def leave_one_out(self, place: int) -> Array:
        """Shape (n, 2): the numbers of one question as all marks but the nth tell them."""
        question = self.questions[place]
        rows = features(question.scores)
        gaps = (question.marks - question.scores) / self._noise
        precision, mean = self._told[place]
        precisions = precision - rows[:, :, None] * rows[:, None, :] / self._noise
        means = mean - rows * gaps[:, None]
        shared_precision, shared_mean = self._shared[place]
        own_precisions, own_means = self._of_shared(precisions, means)
        shared = _solve(self._precision - shared_precision + own_precisions, self._mean - shared_mean + own_means)
        return self._own_given(precisions, means, shared)

    def _tell(self, question: MarkedQuestion) -> tuple[Array, Array]:
        rows = features(question.scores)
        return rows.T @ rows / self._noise, rows.T @ (question.marks - question.scores) / self._noise

    def _of_shared(self, precision: Array, mean: Array) -> tuple[Array, Array]:
        """What a question tells of the shared numbers, its own being unknown."""
        shrunk = np.linalg.inv(np.eye(2) + precision @ self._own)
        return shrunk @ precision, (shrunk @ mean[..., None])[..., 0]

    def _own_given(self, precision: Array, mean: Array, shared: Array) -> Array:
        surprise = mean[..., None] - precision @ shared[..., None]
        moved: Array = shared + (self._own @ np.linalg.inv(np.eye(2) + precision @ self._own) @ surprise)[..., 0]
        return moved


def _solve(precision: Array, mean: Array) -> Array:
    """Shape (…, 2), for precisions of shape (…, 2, 2) and weighted means of shape (…, 2)."""
    return np.asarray(np.linalg.solve(precision, mean[..., None])[..., 0], np.float64)


def _scale(numbers: Array) -> Scale:
    slope = max(1.0 + float(numbers[1]), _LEAST_SLOPE)
    return Scale(offset=round(CENTRE + float(numbers[0]) - slope * CENTRE, _DECIMALS), slope=round(slope, _DECIMALS))


def _fit(place: int, pool: _Pool) -> FittedScale:
    question = pool.questions[place]
    before = float(np.mean(question.errors(IDENTITY) ** 2)) if len(question) else 0.0
    if len(question) < LEAST_MARKS:
        return FittedScale(question, before, None, IDENTITY)
    held_out = [
        question.pick(np.array([row])).errors(_scale(numbers))[0]
        for row, numbers in enumerate(pool.leave_one_out(place))
    ]
    after = float(np.mean(np.square(held_out)))
    return FittedScale(question, before, after, _scale(pool.own(place)))


def _helps_unseen(pool: _Pool) -> bool:
    """Whether what the other questions of a bank have in common lowers the error on each, all together."""
    if len(pool.questions) < LEAST_MARKS:
        return False
    places = range(len(pool.questions))
    after = np.concatenate([pool.questions[place].errors(_scale(pool.without(place))) for place in places])
    before = np.concatenate([question.errors(IDENTITY) for question in pool.questions])
    return float(after @ after) < float(before @ before)
