"""From what a client sends to grades that are ready to be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias, cast

import anyio.to_thread

from grader.errors import UnknownQuestion, UnusableQuestion
from grader.grade import Grade, RemoteOutcome
from grader.grading import Draft
from grader.llm.opinion import Case, Heard, Unscored
from grader.request import Found, GradeRequest, find_question
from grader_api.auth import Principal
from grader_api.judging import Judging
from grader_api.libraries import Shelf
from grader_api.model import GradeJob
from grader_api.problems import Kind, ProblemError, fault
from grader_api.schemas import Decision, GradeOut, OverrideOut, PastGrade, RevisionStatus
from grader_api.service import Service, Write
from grader_api.store.grades import GradeRow, Kept, new_id, new_salt
from grader_api.store.replies import Claim, Reply

_MARGIN_S = 2.0  # who waits for a language model is answered so long before the request would take too long


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

    No language model is waited for: a grade that one is to be asked about says so, and is revised once it is kept.

    Raises:
        QueueFull: too many wait already.
        Stopping: the service is about to end.
    """
    asked = await _asked(service, principal, requests)
    return _outcomes(service, principal, asked, await run(service, _jobs(asked)))


async def judge_all(
    service: Service, principal: Principal, requests: Sequence[GradeRequest | ProblemError]
) -> list[Outcome]:
    """The same for a conversation, of which nothing is kept: the language model is waited for.

    Raises:
        QueueFull, Stopping: as above.
    """
    asked = await _asked(service, principal, requests)
    drafts = await run(service, _jobs(asked))
    if service.judging is not None:
        drafts = await asyncio.gather(*map(partial(_judged, service, service.judging), drafts))
    return _outcomes(service, principal, asked, drafts)


async def _asked(
    service: Service, principal: Principal, requests: Sequence[GradeRequest | ProblemError]
) -> list[GradeJob | ProblemError]:
    shelf = await service.shelf(principal.tenant)
    return [request if isinstance(request, ProblemError) else _ask(service, shelf, request) for request in requests]


def _jobs(asked: Sequence[GradeJob | ProblemError]) -> list[GradeJob]:
    return [job for job in asked if isinstance(job, GradeJob)]


def _outcomes(
    service: Service, principal: Principal, asked: Sequence[GradeJob | ProblemError], drafts: Sequence[Draft]
) -> list[Outcome]:
    left = iter(drafts)
    return [
        job if isinstance(job, ProblemError) else outcome(service, principal, job.request, next(left)) for job in asked
    ]


async def run(service: Service, jobs: Sequence[GradeJob]) -> list[Draft]:
    """The local grades that the model's thread makes of jobs, in order."""
    futures = service.model.submit(jobs)
    return cast("list[Draft]", await asyncio.gather(*map(asyncio.wrap_future, futures)))


async def _judged(service: Service, judging: Judging, draft: Draft) -> Draft:
    """A grade about which nothing is left to ask."""
    if draft.case is None:
        return draft
    heard = await _heard(judging, draft.case, max(1.0, service.settings.request_timeout_s - _MARGIN_S))
    return Draft(await anyio.to_thread.run_sync(service.grader.revise, draft, heard, judging.identity))


async def _heard(judging: Judging, case: Case, within_s: float) -> Heard:
    try:
        async with asyncio.timeout(within_s):
            return await asyncio.wrap_future(judging.submit(case))
    except TimeoutError:
        return Unscored(RemoteOutcome.TIMED_OUT, f"no whole reply within {within_s:g} s")


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
    service: Service, principal: Principal, request: GradeRequest, draft: Draft, supersedes: str | None = None
) -> Outcome:
    """A grade as it is kept and shown, or the problem with its answer."""
    grade = draft.grade
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
    return Made(row, _show(Kept(row, 0, None, (), awaited=draft.case is not None), grade, request.answer))


def write_of(
    made: Sequence[Made], claim: Claim | None = None, reply: Reply | None = None, webhook: str | None = None
) -> Write:
    """Grades to be kept; those that will be revised are awaited from then on, and told to a webhook."""
    awaited = tuple(one.row.id for one in made if one.out.revision == "pending")
    return Write(tuple(one.row for one in made), claim, reply, awaited, webhook)


def show(kept: Kept) -> GradeOut:
    """A grade that was kept, as it is shown."""
    answer = GradeRequest.model_validate_json(kept.row.request).answer
    return _show(kept, Grade.model_validate_json(kept.current), answer)


def _show(kept: Kept, grade: Grade, answer: str) -> GradeOut:
    overrides = tuple(OverrideOut.model_validate_json(one) for one in kept.overrides)
    status, history = _revision(kept, grade)
    return GradeOut(
        **dict(grade),
        id=kept.row.id,
        created_at=kept.row.created_at,
        answer=answer,
        supersedes=kept.row.supersedes,
        superseded_by=kept.superseded_by,
        overrides=overrides,
        revision=status,
        history=history,
        final=_final(grade, overrides),
    )


def _revision(kept: Kept, grade: Grade) -> tuple[RevisionStatus | None, tuple[PastGrade, ...]]:
    """Where the revision stands, and the grade of the machine that is not the one shown."""
    revision = kept.revision
    if revision is None:
        return "pending" if kept.awaited else None, ()
    revised = grade if revision.stands else Grade.model_validate_json(revision.grade)
    done = revised.receipt is not None and revised.receipt.remote_judge is not None
    history: tuple[PastGrade, ...] = ()
    if not revision.stands:
        history = (PastGrade(created_at=revision.created_at, grade=revised),)
    elif done:
        local = Grade.model_validate_json(kept.row.grade)
        history = (PastGrade(created_at=kept.row.created_at, grade=local),)
    return "done" if done else "unscored", history


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
