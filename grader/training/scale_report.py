"""What `grader calibrate` tells: the scale of each question, what it is worth, and what few marks are worth."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.evaluation.graded import GradedAnswer
from grader.scoring.scale import Scale, Scales
from grader.training.few_marks import FewMarks
from grader.training.marks import scale_key
from grader.training.scale import FittedScale, FittedScales


@dataclass(frozen=True, slots=True)
class QuestionScale:
    """The scale of one question.

    Attributes:
        question_id: as the file has it.
        bank: None for a question that brings its references.
        marks: how many the file has.
        used: how many of them tell of the scale: not those of answers that are capped, or could not be graded.
        before: the error (RMSE) of the scores, in [0, 1]; None without marks.
        after: that of marks on the scale, each predicted from the others; None with fewer than two. Where it is not
            below `before`, scores stay as they are.
        moved: whether the scale moves scores.
        scale: the question's own; None where it follows its bank.
    """

    question_id: str
    bank: str | None
    marks: int
    used: int
    before: float | None
    after: float | None
    moved: bool
    scale: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """Everything that a calibration tells.

    Attributes:
        source: the file's name.
        rows: how many it has.
        ungraded: how many of them could not be graded.
        before: the error (RMSE) of the scores on all marks that are used for a question's own scale.
        after: that of what is used instead: of marks predicted each from the others, where that is better.
        banks: the scales of banks, for their questions without marks.
        curve: error by the number of marks; empty where it was not asked for.
        scale: the scales' hash, as receipts have it.
        receipt: what the scores rest on.
    """

    source: str
    rows: int
    ungraded: int
    before: float
    after: float
    questions: tuple[QuestionScale, ...]
    banks: Mapping[str, dict[str, float]]
    curve: tuple[FewMarks, ...]
    scale: str
    receipt: Mapping[str, str]


def scales_of(fitted: FittedScales, models: Mapping[str, str]) -> Scales:
    """The scales to keep; a question with too few marks has none of its own."""
    own = {one.question.key: one.scale for one in fitted.questions if one.after is not None}
    return Scales(models=dict(models), banks=fitted.banks, questions=own)


def report(
    source: str, graded: Sequence[GradedAnswer], fitted: FittedScales, curve: Sequence[FewMarks], scales: Scales
) -> ScaleReport:
    """What there is to tell of scales that were fitted to graded answers. Some question must have a scale."""
    names = {scale_key(one.marked): one.marked.question_id for one in reversed(graded)}
    counts = Counter(scale_key(one.marked) for one in graded)
    own = [one for one in fitted.questions if one.after is not None]
    return ScaleReport(
        source=source,
        rows=len(graded),
        ungraded=sum(one.score is None for one in graded),
        before=_together(own, [one.before for one in own]),
        after=_together(own, [min(one.before, one.after or 0.0) for one in own]),
        questions=tuple(_told(one, names[one.question.key], counts[one.question.key]) for one in fitted.questions),
        banks={bank: _numbers(scale) for bank, scale in fitted.banks.items()},
        curve=tuple(curve),
        scale=scales.content_hash,
        receipt=scales.models,
    )


def _told(one: FittedScale, question_id: str, marks: int) -> QuestionScale:
    return QuestionScale(
        question_id=question_id,
        bank=one.question.bank,
        marks=marks,
        used=len(one.question),
        before=math.sqrt(one.before) if len(one.question) else None,
        after=None if one.after is None else math.sqrt(one.after),
        moved=one.moves,
        scale=None if one.after is None else _numbers(one.scale),
    )


def _together(own: Sequence[FittedScale], errors: Sequence[float]) -> float:
    """The root of squared errors, on average over all marks."""
    return float(np.sqrt(np.average(errors, weights=[len(one.question) for one in own])))


def _numbers(scale: Scale) -> dict[str, float]:
    return {"offset": scale.offset, "slope": scale.slope}
