"""How near scores come to people's marks.

All take arrays of one length n, scores and marks in [0, 1]. A figure that is not defined (a correlation with a
constant) is NaN here and becomes None where it is told. Each equals scikit-learn's or scipy's function of that name
(tested). They are written anew because an interval takes a thousand calls or more: on 2,000 answers the AUC and kappa
of scikit-learn take 11 and 50 times as long, most of it checks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GroupKFold

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LEAST_ANSWERS = 3
"""Answers to a question from which a correlation within it is told: of two, any is 1 or -1."""

_MOST_STEPS = 9  # of a scale of ten levels
_STEPS_ELSE = 5
_CALIBRATION_BINS = 10
_FOLDS = 5
_NOTHING = 1e-12  # variance below which numbers are one number


def pearson(human: Floats, score: Floats) -> float:
    """Pearson's r; NaN if either is constant."""
    if len(human) < 2:
        return float("nan")
    one, other = human - human.mean(), score - score.mean()
    spread = float(one @ one) * float(other @ other)
    return float(one @ other) / spread**0.5 if spread > _NOTHING**2 else float("nan")


def spearman(human: Floats, score: Floats) -> float:
    """Spearman's rho, ties at their middle rank; NaN if either is constant."""
    return pearson(rankdata(human), rankdata(score))


def rmse(human: Floats, score: Floats) -> float:
    """Root mean squared error."""
    return float(np.sqrt(np.mean((score - human) ** 2)))


def mae(human: Floats, score: Floats) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(score - human)))


def steps(human: Floats) -> int:
    """How many equal steps the marks' scale has: the fewest, up to 9, on which all marks lie; else 5."""
    for count in range(1, _MOST_STEPS + 1):
        if np.allclose(human * count, np.rint(human * count), atol=1e-6):
            return count
    return _STEPS_ELSE


def levels(values: Floats, count: int) -> Ints:
    """The nearest of the levels 0, 1, …, `count` for each value, halves going up."""
    return np.floor(values * count + 0.5).astype(np.intp)


def quadratic_kappa(human: Ints, score: Ints, count: int) -> float:
    """Cohen's kappa of levels 0 … `count`, disagreement weighted by its square; NaN if both are one and the same level.

    Cohen (1968), Weighted kappa. Psychological Bulletin 70(4).
    """
    size = count + 1
    observed = np.bincount(human * size + score, minlength=size * size).reshape(size, size)
    weights = np.subtract.outer(np.arange(size), np.arange(size)) ** 2
    expected = np.outer(observed.sum(1), observed.sum(0)) / len(human)
    by_chance = float((weights * expected).sum())
    return 1.0 - float((weights * observed).sum()) / by_chance if by_chance > 0 else float("nan")


def auc(human: Floats, score: Floats, pass_mark: float) -> float:
    """How often an answer marked `pass_mark` or better is scored above one marked below it; a tie counts half.

    NaN if all marks lie on one side. Mann and Whitney (1947): the rank sum of the better ones.
    """
    better = human >= pass_mark
    count = int(better.sum())
    if count in {0, len(human)}:
        return float("nan")
    wins = float(rankdata(score)[better].sum()) - count * (count + 1) / 2
    return wins / (count * (len(human) - count))


def calibration_error(human: Floats, score: Floats) -> float:
    """Expected calibration error: the mean distance of mean score and mean mark in ten bins of equal size by score.

    Equal scores stay in one bin, so bins may differ in size; each counts by its size. Nixon et al. (2019), Measuring
    calibration in deep learning.
    """
    bins = calibration_bins(score)
    gaps = np.bincount(bins, score - human, minlength=_CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(human))


def calibration_bins(score: Floats) -> Ints:
    """The bin 0 … 9 of each score: by its middle rank."""
    bins: Ints = ((rankdata(score) - 0.5) * _CALIBRATION_BINS / len(score)).astype(np.intp)
    return bins


def within(human: Floats, score: Floats, questions: Ints) -> Floats:
    """Pearson's r of each question 0 … q-1: shape (q,).

    NaN where people's marks are constant or fewer than three answers are marked: such a question says nothing. Where
    only the scores are constant r is 0, not left out: a score that tells no answers apart has earned none, and every
    method is then told on the same questions.
    """
    sizes = np.bincount(questions)

    def centred(values: Floats) -> Floats:
        return np.asarray(values - (np.bincount(questions, values) / np.maximum(sizes, 1))[questions])

    one, other = centred(human), centred(score)
    spread, other_spread = np.bincount(questions, one * one), np.bincount(questions, other * other)
    telling = (spread > _NOTHING) & (sizes >= LEAST_ANSWERS)
    defined = telling & (other_spread > _NOTHING)
    r = np.divide(
        np.bincount(questions, one * other),
        np.sqrt(spread * other_spread),
        out=np.zeros(len(sizes)),
        where=defined,
    )
    return np.where(telling, r, np.nan)


def within_ranks(values: Floats, questions: Ints) -> Floats:
    """The middle rank of each value among those of its question: with `within`, Spearman's rho of each question."""
    ranks = np.empty(len(values))
    order = np.argsort(questions, kind="stable")
    for part in np.split(order, np.cumsum(np.bincount(questions))[:-1]):
        ranks[part] = rankdata(values[part])
    return ranks


def weighted_mean(r: Floats, sizes: Ints) -> float:
    """The mean of the questions' correlations, weighted by their answers; NaN if none is defined.

    The sample-size-weighted mean of Hunter and Schmidt (2004), Methods of meta-analysis. Unlike a mean of Fisher's z it
    is defined where a question is graded perfectly, which happens in questions of few answers.
    """
    known = ~np.isnan(r) & (sizes > 0)
    return float(np.average(r[known], weights=sizes[known])) if known.any() else float("nan")


def calibrated(human: Floats, score: Floats, questions: Ints) -> Floats:
    """Scores on the people's scale: isotonic regression, fitted without the questions it is applied to.

    Five folds by question; with fewer questions one is left out at a time, and with a single one there is nothing to
    fit on: all NaN.
    """
    folds = min(_FOLDS, len(np.unique(questions)))
    fitted = np.full(len(score), np.nan)
    if folds < 2:
        return fitted
    for known, asked in GroupKFold(folds).split(score, groups=questions):
        model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(score[known], human[known])
        fitted[asked] = model.predict(score[asked])
    return fitted
