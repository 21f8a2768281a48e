"""How good grades are, beside what people and simple baselines reach: the whole of `grader evaluate` as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import DatasetError, Fault
from grader.evaluation import metrics
from grader.evaluation.bootstrap import Resamples
from grader.evaluation.breakdown import (
    Disagreement,
    Part,
    QuestionFigures,
    by_group,
    by_length,
    by_question,
    disagreements,
)
from grader.evaluation.figures import Marks, Method, compare, marks
from grader.evaluation.graded import GradedAnswer
from grader.evaluation.metrics import Floats
from grader.evaluation.remote import RemoteFigures, RemoteGrades, remote_figures
from grader.evaluation.review import ReviewCurve, review_curve

_DISAGREEMENTS = 20
_SCORE_BINS = 10


@dataclass(frozen=True, slots=True)
class Ungraded:
    """A row that could not be graded, and why; it is in no figure."""

    line: int
    question_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How scores lie for each level of the people's marks.

    Attributes:
        levels: the marks, in [0, 1].
        counts: for each level, the number of answers in each tenth of the scores.
    """

    levels: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Answers of neighbouring scores: their mean score and mean mark."""

    answers: int
    score: float
    human: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything found about the grades of one marked file.

    Attributes:
        source: the file's name.
        grader: the grader's figures.
        baselines: those of the baselines on the same answers.
        people: the second person's against the first, on the answers that both marked; None where there is none.
        grader_beside_people: the grader's on those answers; None likewise.
        remote: the grades with a language model's verdicts in them; None where none was asked.
        to_review: the share of answers that the grader sends to a person.
        steps: the steps of the people's scale, by which kappa counts.
    """

    source: str
    rows: int
    ungraded: tuple[Ungraded, ...]
    pass_mark: float
    steps: int
    resamples: Resamples
    grader: Method
    baselines: tuple[Method, ...]
    people: Method | None
    grader_beside_people: Method | None
    remote: RemoteFigures | None
    to_review: float
    review: ReviewCurve
    groups: tuple[Part, ...]
    lengths: tuple[Part, ...]
    questions: tuple[QuestionFigures, ...]
    disagreements: tuple[Disagreement, ...]
    spread: Spread
    calibration: tuple[CalibrationBin, ...]
    receipt: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to evaluate: the pass mark in [0, 1], the resamples, whether answers may be shown, what to write beside."""

    pass_mark: float
    resamples: Resamples
    show_answers: bool
    receipt: Mapping[str, str]


def evaluate(
    source: str,
    graded: Sequence[GradedAnswer],
    baselines: Mapping[str, Floats],
    plan: Plan,
    remote: RemoteGrades | None = None,
) -> Evaluation:
    """Compare grades with marks.

    Args:
        source: the file's name, to be told.
        graded: every row of the file.
        baselines: scores in [0, 1] by name, one for each row.
        plan: how.
        remote: the same rows, graded with a language model.

    Raises:
        DatasetError: no row could be graded.
    """
    kept = [row for row, one in enumerate(graded) if one.score is not None]
    ungraded = tuple(
        Ungraded(one.marked.line, one.marked.question_id, one.error or "") for one in graded if one.score is None
    )
    if not kept:
        raise DatasetError([Fault(source, one.line, "answer", f"not graded: {one.reason}") for one in ungraded])
    scored = [graded[row] for row in kept]
    marked = marks([one.marked.human for one in scored], [one.marked.question_id for one in scored], plan.pass_mark)
    score = np.array([one.score for one in scored], dtype=np.float64)
    people, beside = _people(scored, marked, score, plan.resamples)
    return Evaluation(
        source=source,
        rows=len(graded),
        ungraded=ungraded,
        pass_mark=plan.pass_mark,
        steps=marked.steps,
        resamples=plan.resamples,
        grader=compare("grader", marked, score, plan.resamples),
        baselines=tuple(compare(name, marked, values[kept], plan.resamples) for name, values in baselines.items()),
        people=people,
        grader_beside_people=beside,
        remote=None if remote is None else remote_figures(remote, kept, marked, score, plan.resamples),
        to_review=float(np.mean([one.needs_review for one in scored])),
        review=review_curve(marked.human, score, scored),
        groups=by_group(scored, marked, score, plan.resamples),
        lengths=by_length(scored, marked, score, plan.resamples),
        questions=by_question(scored, marked, score),
        disagreements=disagreements(scored, marked, score, _DISAGREEMENTS, show_answers=plan.show_answers),
        spread=_spread(marked, score),
        calibration=_calibration(marked.human, score),
        receipt=plan.receipt,
    )


def _people(
    scored: Sequence[GradedAnswer], marked: Marks, score: Floats, resamples: Resamples
) -> tuple[Method | None, Method | None]:
    """The second person against the first, and the grader on the same answers."""
    rows = [row for row, one in enumerate(scored) if one.marked.human_2 is not None]
    if not rows:
        return None, None
    second = np.array([scored[row].marked.human_2 for row in rows], dtype=np.float64)
    among = marked.among(np.array(rows, np.intp))
    return compare("people", among, second, resamples), compare("grader", among, score[rows], resamples)


def _spread(marked: Marks, score: Floats) -> Spread:
    level = metrics.levels(marked.human, marked.steps)
    tenth = np.minimum((score * _SCORE_BINS).astype(np.intp), _SCORE_BINS - 1)
    counts = np.zeros((marked.steps + 1, _SCORE_BINS), np.intp)
    np.add.at(counts, (level, tenth), 1)
    return Spread(
        tuple(number / marked.steps for number in range(marked.steps + 1)),
        tuple(tuple(int(count) for count in row) for row in counts),
    )


def _calibration(human: Floats, score: Floats) -> tuple[CalibrationBin, ...]:
    bins = metrics.calibration_bins(score)
    return tuple(
        CalibrationBin(
            int((bins == number).sum()), float(score[bins == number].mean()), float(human[bins == number].mean())
        )
        for number in np.unique(bins)
    )
