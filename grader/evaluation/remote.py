"""Grades with a language model's verdicts in them, beside the local ones and people's marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.evaluation import metrics
from grader.evaluation.bootstrap import Resamples
from grader.evaluation.figures import Marks, Method, compare
from grader.evaluation.graded import GradedAnswer
from grader.evaluation.metrics import Floats
from grader.llm.tally import Tally


@dataclass(frozen=True, slots=True)
class RemoteGrades:
    """Every row graded with a language model, in the order of the local grades, and what asking it came to."""

    judge: str
    mode: str
    graded: Sequence[GradedAnswer]
    tally: Tally


@dataclass(frozen=True, slots=True)
class RemoteFigures:
    """How good grades are with a language model's verdicts in them.

    Attributes:
        method: their figures, on the same answers as the local ones.
        to_review: the share of answers that they send to a person.
        agreement: quadratic weighted kappa with the local scores on the levels of the people's scale; None where it
            is not defined.
        difference: the mean absolute difference from the local scores.
        changed: how many scores are not the local ones.
        tally: what asking came to: outcomes, tokens, cost, time.
    """

    judge: str
    mode: str
    method: Method
    to_review: float
    agreement: float | None
    difference: float
    changed: int
    tally: Tally


def remote_figures(
    remote: RemoteGrades, kept: Sequence[int], marked: Marks, local: Floats, resamples: Resamples
) -> RemoteFigures:
    """Compare on the rows that were graded.

    Args:
        remote: the grades with the language model.
        kept: the rows that have a local score; of `marked` and `local` there is one for each.
        marked: people's marks.
        local: shape (n,), the local scores, in [0, 1].
        resamples: for the intervals.
    """
    graded = [remote.graded[row] for row in kept]
    score = np.array([one.score for one in graded], dtype=np.float64)
    steps = marked.steps
    agreement = metrics.quadratic_kappa(metrics.levels(local, steps), metrics.levels(score, steps), steps)
    return RemoteFigures(
        judge=remote.judge,
        mode=remote.mode,
        method=compare("remote", marked, score, resamples),
        to_review=float(np.mean([one.needs_review for one in graded])),
        agreement=None if math.isnan(agreement) else agreement,
        difference=float(np.abs(score - local).mean()),
        changed=int((score != local).sum()),
        tally=remote.tally,
    )
