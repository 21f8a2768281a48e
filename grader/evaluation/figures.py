"""All figures of one method (the grader, a baseline, a second person) on one set of marks, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.evaluation import metrics
from grader.evaluation.bootstrap import Estimate, Figures, Resamples, intervals
from grader.evaluation.metrics import Floats, Ints


@dataclass(frozen=True, slots=True)
class Marks:
    """People's marks, with the question of each: arrays of shape (n,).

    Attributes:
        human: in [0, 1].
        questions: numbers 0 … q-1, by the sorted ids, so that the order of rows changes nothing.
        ids: the question id of each number.
        steps: the steps of the people's scale, for kappa.
        pass_mark: from which mark an answer counts as good, for the AUC.
    """

    human: Floats
    questions: Ints
    ids: tuple[str, ...]
    steps: int
    pass_mark: float

    def among(self, rows: Ints) -> Marks:
        """The marks of some rows, on the same scale, their questions numbered anew."""
        kept, questions = np.unique(self.questions[rows], return_inverse=True)
        ids = tuple(self.ids[number] for number in kept)
        return Marks(self.human[rows], questions, ids, self.steps, self.pass_mark)


def marks(human: Sequence[float], question_ids: Sequence[str], pass_mark: float) -> Marks:
    """Marks from the rows of a file."""
    values = np.asarray(human, dtype=np.float64)
    ids, questions = np.unique(np.asarray(question_ids, dtype=object), return_inverse=True)
    return Marks(values, questions, tuple(map(str, ids)), metrics.steps(values), pass_mark)


@dataclass(frozen=True, slots=True)
class Method:
    """How near one method comes to the people's marks.

    Attributes:
        answers: how many it was compared on.
        questions: of how many questions.
        telling: in how many of them answers got different marks, so that a correlation within the question is defined.
        estimates: by the names of `METRICS`.
    """

    name: str
    answers: int
    questions: int
    telling: int
    estimates: Mapping[str, Estimate]


METRICS: Mapping[str, str] = {
    "pearson": "Pearson's r of all answers together",
    "within_pearson": "Pearson's r among the answers to one question, the mean of questions weighted by their answers",
    "spearman": "Spearman's rho of all answers together",
    "within_spearman": "Spearman's rho among the answers to one question, the same mean",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "rmse_calibrated": "root mean squared error after isotonic regression, fitted on other questions",
    "qwk": "quadratic weighted kappa on the levels of the people's scale",
    "auc": "how often an answer marked as good is scored above one that is not",
    "calibration_error": "mean distance of mean score and mean mark in ten bins by score",
    "bias": "mean score less mean mark",
}
"""Every figure and what it is."""


def compare(name: str, marked: Marks, score: Floats, resamples: Resamples) -> Method:
    """All figures of the scores of one method, in [0, 1], one for each mark.

    Correlations within a question are of whole questions, and the calibrated scores are fitted once: a resample draws
    them as they are.
    """
    human, questions, count = marked.human, marked.questions, marked.steps
    r = metrics.within(human, score, questions)
    rho = metrics.within(metrics.within_ranks(human, questions), metrics.within_ranks(score, questions), questions)
    sizes = np.bincount(questions)
    fitted = metrics.calibrated(human, score, questions)
    human_level, score_level = metrics.levels(human, count), metrics.levels(score, count)

    def measure(rows: Ints, times: Ints) -> Figures:
        h, s = human[rows], score[rows]
        return {
            "pearson": metrics.pearson(h, s),
            "within_pearson": metrics.weighted_mean(r, sizes * times),
            "spearman": metrics.spearman(h, s),
            "within_spearman": metrics.weighted_mean(rho, sizes * times),
            "rmse": metrics.rmse(h, s),
            "mae": metrics.mae(h, s),
            "rmse_calibrated": metrics.rmse(h, fitted[rows]),
            "qwk": metrics.quadratic_kappa(human_level[rows], score_level[rows], count),
            "auc": metrics.auc(h, s, marked.pass_mark),
            "calibration_error": metrics.calibration_error(h, s),
            "bias": float(np.mean(s - h)),
        }

    telling = int((~np.isnan(r)).sum())
    return Method(name, len(human), len(sizes), telling, intervals(measure, questions, resamples))
