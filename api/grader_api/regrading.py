"""Stored answers graded again: by the banks as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.errors import UnknownQuestion, UnusableQuestion
from grader.grade import Grade
from grader.request import GradeRequest
from grader_api.auth import Principal
from grader_api.grading import Made, find, outcome, run
from grader_api.libraries import Shelf
from grader_api.model import GradeJob
from grader_api.pages import from_cursor, to_cursor
from grader_api.problems import Kind, ProblemError, fault
from grader_api.schemas import RegradeChange, RegradeCreate, RegradeOut
from grader_api.service import Service
from grader_api.store.grades import Filters, GradeRow, Kept, find_grade, list_grades

_LIST = "regrades"


@dataclass(frozen=True, slots=True)
class Regraded:
    """What a call changed, and the grades to keep (none in a dry run)."""

    out: RegradeOut
    made: tuple[Made, ...]


async def regrade(service: Service, principal: Principal, create: RegradeCreate) -> Regraded:
    """Grade stored answers again.

    Raises:
        ProblemError: a grade is unknown, or the cursor is.
        QueueFull: too many answers wait already.
    """
    kept, cursor = await _stored(service, principal, create)
    shelf = await service.shelf(principal.tenant)
    decided = [one for one in kept if one.overrides]
    jobs, failed = _jobs(shelf, [one for one in kept if not one.overrides])
    made = await _again(service, principal, jobs)
    changed = [(one, new) for one, new in made if _differs(one, new)]
    out = RegradeOut(
        dry_run=create.dry_run,
        considered=len(kept),
        unchanged=len(made) - len(changed),
        skipped=tuple(one.row.id for one in decided),
        failed=tuple(failed),
        changes=tuple(_change(one.row, new.row, create.dry_run) for one, new in changed),
        next_cursor=cursor,
    )
    return Regraded(out, () if create.dry_run else tuple(new for _, new in changed))


async def _stored(service: Service, principal: Principal, create: RegradeCreate) -> tuple[list[Kept], str | None]:
    most = service.settings.max_regrade
    if create.grade_ids is not None:
        found = [await service.read(find_grade, principal.tenant, grade_id) for grade_id in create.grade_ids[:most]]
        unknown = [
            fault(f"grade_ids[{place}]", "is not known", grade_id)
            for place, (grade_id, kept) in enumerate(zip(create.grade_ids, found, strict=False))
            if kept is None or kept.superseded_by is not None
        ]
        if unknown:
            raise ProblemError(Kind.UNKNOWN_GRADE, "some grades are not known, or not current", errors=unknown)
        return [kept for kept in found if kept is not None], None
    filters = Filters(question_id=create.question_id, bank=create.bank)
    before = from_cursor(_LIST, create.cursor)
    kept = await service.read(list_grades, principal.tenant, filters, limit=most + 1, before=before)
    return kept[:most], to_cursor(_LIST, kept[most - 1].seq) if len(kept) > most else None


def _jobs(shelf: Shelf, kept: Sequence[Kept]) -> tuple[list[tuple[Kept, GradeJob]], list[str]]:
    jobs, failed = [], []
    for one in kept:
        request = GradeRequest.model_validate_json(one.row.request)
        try:
            jobs.append((one, GradeJob(request, find(shelf, request))))
        except (UnknownQuestion, UnusableQuestion):
            failed.append(one.row.id)
    return jobs, failed


async def _again(
    service: Service, principal: Principal, jobs: Sequence[tuple[Kept, GradeJob]]
) -> list[tuple[Kept, Made]]:
    """Batch by batch, so that answers which come in meanwhile need not wait for all of these."""
    made, size = [], min(service.settings.batch_size, service.settings.queue_size)
    for first in range(0, len(jobs), size):
        part = jobs[first : first + size]
        drafts = await run(service, [job for _, job in part])
        for (one, job), draft in zip(part, drafts, strict=True):
            new = outcome(service, principal, job.request, draft, supersedes=one.row.id)
            if isinstance(new, Made):
                made.append((one, new))
    return made


def _differs(old: Kept, new: Made) -> bool:
    """Whether the local grades differ: a language model is asked about the new one only then."""
    before = Grade.model_validate_json(old.row.grade)
    return (before.score, before.passed, _verdicts(before)) != (new.out.score, new.out.passed, _verdicts(new.out))


def _verdicts(grade: Grade) -> dict[str, str]:
    return {criterion.id: criterion.verdict for criterion in grade.criteria}


def _change(old: GradeRow, new: GradeRow, dry_run: bool) -> RegradeChange:
    crosses: Literal["to_passed", "to_failed"] | None = None
    if old.passed != new.passed:
        crosses = "to_passed" if new.passed else "to_failed"
    return RegradeChange(
        grade_id=old.id,
        new_id=None if dry_run else new.id,
        question_id=old.question_id,
        candidate_id=old.candidate_id,
        score_before=old.score,
        score_after=new.score,
        crosses=crosses,
    )
