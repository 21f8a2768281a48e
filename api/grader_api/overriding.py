"""What follows from a person's decision about a grade."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from grader.grade import CriterionGrade, Grade, Verdict
from grader.scoring.combine import label, points
from grader_api.libraries import Shelf
from grader_api.problems import Kind, ProblemError, fault
from grader_api.schemas import OverrideCreate, OverrideOut
from grader_api.store.grades import new_id

_CREDIT = {Verdict.MET: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSING: 0.0, Verdict.CONTRADICTED: 0.0}
_STEP = 0.5  # points: the grid where the bank is no more


def decide(create: OverrideCreate, grade: Grade, shelf: Shelf, threshold: float) -> OverrideOut:
    """A decision with its score, points, label and whether it passes.

    The score is the person's; without one, the weighted mean of the criteria that count, by the person's verdicts (met
    1, partial ½, else 0) and by the machine's credit where there is none. No cap holds it down: a person has read on.

    Raises:
        ProblemError: a verdict names no criterion of the grade.
    """
    known = {criterion.id for criterion in grade.criteria}
    strangers = [
        fault(f"verdicts.{name}", "names no criterion of the grade") for name in create.verdicts.keys() - known
    ]
    if strangers:
        raise ProblemError(Kind.INVALID_REQUEST, f"{strangers[0].path}: {strangers[0].message}", errors=strangers)
    score = create.score if create.score is not None else _score(grade.criteria, create.verdicts)
    return OverrideOut(
        id=new_id("override"),
        created_at=datetime.now(UTC),
        author=create.author,
        reason=create.reason,
        score=score,
        points=points(score, grade.max_points or 0.0, _step(grade, shelf)),
        passed=score >= threshold,
        label=label(score),
        verdicts=create.verdicts,
    )


def _score(criteria: tuple[CriterionGrade, ...], verdicts: Mapping[str, Verdict]) -> float:
    counted = [one for one in criteria if one.counted or one.id in verdicts]
    weight = sum(one.weight for one in counted)
    credit = sum(one.weight * (_CREDIT[verdicts[one.id]] if one.id in verdicts else one.score) for one in counted)
    return round(credit / weight, 4) if weight else 0.0


def _step(grade: Grade, shelf: Shelf) -> float:
    bank = grade.receipt.bank if grade.receipt else None
    return next((one.points_step for one in shelf.library.banks if one.bank == bank), _STEP)
