"""From what a client sends to grades that are ready to be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, cast

from grader.errors import UnknownQuestion, UnusableQuestion
from grader.grade import Grade
from grader.grading import Found, find_question
from grader.request import GradeRequest
from grader_api.auth import Principal
from grader_api.libraries import Shelf
from grader_api.model import GradeJob
from grader_api.problems import Kind, ProblemError, fault
from grader_api.schemas import Decision, GradeOut, OverrideOut
from grader_api.service import Service
from grader_api.store.grades import GradeRow, Kept, new_id, new_salt


@dataclass(frozen=True, slots=True)
class Made:
    """A grade as it is kept, and as it is shown."""

    row: GradeRow
    out: GradeOut


Outcome: TypeAlias = Made | ProblemError


async def grade_all(
    service: Service, principal: Principal, requests: Sequence[GradeRequest | ProblemError]
) -> list[Outcome]:
    """Grade answers together; what is wrong with one takes its place.

    Raises:
        QueueFull: too many wait already.
        Stopping: the service is about to end.
    """
    shelf = await service.shelf(principal.tenant)
    asked = [request if isinstance(request, ProblemError) else _ask(service, shelf, request) for request in requests]
    jobs = [job for job in asked if isinstance(job, GradeJob)]
    grades = iter(await run(service, jobs))
    return [
        job if isinstance(job, ProblemError) else outcome(service, principal, job.request, next(grades))
        for job in asked
    ]


async def run(service: Service, jobs: Sequence[GradeJob]) -> list[Grade]:
    """The grades that the model's thread makes of jobs, in order."""
    futures = service.model.submit(jobs)
    return cast("list[Grade]", await asyncio.gather(*map(asyncio.wrap_future, futures)))


def _ask(service: Service, shelf: Shelf, request: GradeRequest) -> GradeJob | ProblemError:
    size, limit = len(request.answer.encode()), service.settings.max_answer_bytes
    if size > limit:
        told = f"the answer has {size:,} bytes of UTF-8; the limit is {limit:,}"
        return ProblemError(Kind.ANSWER_TOO_LONG, told, errors=[fault("answer", "is too long")])
    try:
        return GradeJob(request, find(shelf, request))
    except UnknownQuestion as error:
        return unknown_question(error, "question_id")
    except UnusableQuestion as error:
        faults = [fault(one.path, one.reason) for one in error.faults]
        first = f"{faults[0].path}: {faults[0].message}" if faults[0].path else faults[0].message
        return ProblemError(Kind.INVALID_REQUEST, first, errors=faults)


def find(shelf: Shelf, request: GradeRequest) -> Found:
    """The question of a request, and its bank.

    Raises:
        UnknownQuestion: no bank of the tenant has it.
        UnusableQuestion: it brings one that cannot be a question.
    """
    return find_question(shelf.library, request)


def unknown_question(error: UnknownQuestion, path: str) -> ProblemError:
    """An unknown question as a problem, with the ids that are like it."""
    return ProblemError(
        Kind.UNKNOWN_QUESTION, str(error), errors=[fault(path, "is not known", error.wanted)], nearest=error.nearest
    )


def outcome(
    service: Service, principal: Principal, request: GradeRequest, grade: Grade, supersedes: str | None = None
) -> Outcome:
    """A grade as it is kept and shown, or the problem with its answer."""
    if grade.error is not None or grade.label is None or grade.passed is None or grade.score is None:
        told = grade.error.message if grade.error else "the answer cannot be graded"
        return ProblemError(Kind.UNGRADABLE, told, errors=[fault("answer", "cannot be graded")])
    service.metrics.graded(grade)
    row = GradeRow(
        id=new_id("grade"),
        tenant=principal.tenant,
        created_at=datetime.now(UTC),
        question_id=grade.question_id,
        bank=grade.receipt.bank if grade.receipt else None,
        candidate_id=request.candidate_id,
        label=grade.label.value,
        needs_review=grade.needs_review,
        passed=grade.passed,
        score=grade.score,
        supersedes=supersedes,
        actor=principal.actor,
        salt=new_salt(),
        request=request.model_dump_json(exclude_defaults=True),
        grade=grade.model_dump_json(),
    )
    return Made(row, _show(row, grade, request.answer, None, ()))


def show(kept: Kept) -> GradeOut:
    """A grade that was kept, as it is shown."""
    overrides = tuple(OverrideOut.model_validate_json(one) for one in kept.overrides)
    grade = Grade.model_validate_json(kept.row.grade)
    answer = GradeRequest.model_validate_json(kept.row.request).answer
    return _show(kept.row, grade, answer, kept.superseded_by, overrides)


def _show(
    row: GradeRow, grade: Grade, answer: str, superseded_by: str | None, overrides: tuple[OverrideOut, ...]
) -> GradeOut:
    return GradeOut(
        **dict(grade),
        id=row.id,
        created_at=row.created_at,
        answer=answer,
        supersedes=row.supersedes,
        superseded_by=superseded_by,
        overrides=overrides,
        final=_final(grade, overrides),
    )


def _final(grade: Grade, overrides: Sequence[OverrideOut]) -> Decision:
    last = overrides[-1] if overrides else grade
    return Decision.model_validate(
        {
            "by": "person" if overrides else "machine",
            "score": last.score,
            "points": last.points,
            "passed": last.passed,
            "label": last.label,
        }
    )
