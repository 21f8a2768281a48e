"""Grades: made, read, listed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from grader_api.auth import Grading, Principal, Reading
from grader_api.batches.receiving import webhook_of
from grader_api.bodies import RawBody, documented, parse
from grader_api.events import changes
from grader_api.grading import Made, Outcome, grade_all, show, write_of
from grader_api.once import IdempotencyKey
from grader_api.pages import from_cursor, to_cursor
from grader_api.problems import Kind, ProblemError
from grader_api.requests import read_requests
from grader_api.routes.parts import EVENTS, Keeping, Parts, Repeats, answer, problems, router
from grader_api.schemas import (
    GradeCreate,
    GradeFilters,
    GradeOut,
    GradePage,
    GradeResult,
    GradeResults,
    GradesCreate,
)
from grader_api.service import Service, Write
from grader_api.store.grades import Filters, Kept, find_grade, list_grades
from grader_api.store.replies import Claim, Reply

routes = router("grades")
_LIST = "grades"
_EVENTS: dict[int | str, dict[str, Any]] = {  # Any: OpenAPI's JSON
    200: {"description": "The grade, and again when it is revised.", "content": EVENTS}
}

Told = Annotated[
    str | None,
    Header(max_length=2000, description="Where to send `grade.revised`, with the secret to sign it in Webhook-Secret."),
]


@routes.post(
    "/v1/grades",
    operation_id="create_grade",
    status_code=201,
    response_model=GradeOut,
    responses=problems(404, 409) | {200: {"model": GradeResults, "description": "The results of several answers."}},
)
async def create_grade(
    request: Request,
    service: Parts,
    once: Repeats,
    keeper: Keeping,
    principal: Grading,
    body: Annotated[RawBody, *documented(GradeCreate | GradesCreate)],
    idempotency_key: IdempotencyKey = None,
    webhook_url: Told = None,
    webhook_secret: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Grade an answer, or several at once: `{"requests": [...]}`, where each has a result of its own, in order.

    Where a language model is asked too, its revision follows under the same id.
    """
    most = service.settings.max_client_batch_size
    wanted = await parse(body, lambda raw: read_requests(raw, most))
    webhook = await webhook_of(service, webhook_url, webhook_secret)

    async def work(claim: Claim | None) -> Reply:
        outcomes = await grade_all(service, principal, wanted.requests)
        if not wanted.several and isinstance(outcomes[0], ProblemError):
            raise outcomes[0]
        made = [one for one in outcomes if isinstance(one, Made)]
        reply = _several(outcomes) if wanted.several else _single(outcomes[0])
        write = write_of(made, claim, reply, None if webhook is None else webhook.model_dump_json())
        await keep(service, write)
        if write.awaited:
            keeper.nudge()
        return reply

    return await once.reply(request, principal, idempotency_key, body, work)


async def keep(service: Service, write: Write) -> None:
    """Have a write done by the writer's thread; when this returns it is on disk."""
    await asyncio.wrap_future(service.writer.submit([write])[0])


def _single(outcome: Outcome) -> Reply:
    if isinstance(outcome, ProblemError):
        raise outcome
    out = outcome.out
    return Reply(201, out.model_dump_json(), f"/v1/grades/{out.id}", (out.id,))


def _several(outcomes: Sequence[Outcome]) -> Reply:
    results = tuple(
        GradeResult(grade=one.out) if isinstance(one, Made) else GradeResult(problem=one.document()) for one in outcomes
    )
    subjects = tuple(one.out.id for one in outcomes if isinstance(one, Made))
    return Reply(200, GradeResults(results=results).model_dump_json(), None, subjects)


@routes.get("/v1/grades", operation_id="list_grades", response_model=GradePage)
async def get_grades(service: Parts, principal: Reading, filters: Annotated[GradeFilters, Query()]) -> Response:
    """The tenant's grades, newest first."""
    return answer(await service.read(page_of, principal.tenant, filters))


def page_of(connection: Connection, tenant: str, filters: GradeFilters) -> GradePage:
    """A page of a tenant's grades.

    Raises:
        ProblemError: the cursor is not one of this list.
    """
    before, limit = from_cursor(_LIST, filters.cursor), filters.limit
    wanted = Filters(**filters.model_dump(exclude={"limit", "cursor"}))
    kept = list_grades(connection, tenant, wanted, limit=limit + 1, before=before)
    more = to_cursor(_LIST, kept[limit - 1].seq) if len(kept) > limit else None
    return GradePage(items=tuple(map(show, kept[:limit])), next_cursor=more)


@routes.get("/v1/grades/{grade_id}", operation_id="get_grade", response_model=GradeOut, responses=problems(404))
async def get_grade(service: Parts, principal: Reading, grade_id: str) -> Response:
    """A grade, with what persons decided about it."""
    return answer(show(await kept_grade(service, principal, grade_id)))


@routes.get("/v1/grades/{grade_id}/events", operation_id="get_grade_events", responses=_EVENTS | problems(404))
async def get_grade_events(service: Parts, principal: Reading, grade_id: str) -> Response:
    """Server-sent events: the grade now, and again when it is revised or decided about, until nothing is awaited."""
    await kept_grade(service, principal, grade_id)
    told = changes(
        lambda: service.read(find_grade, principal.tenant, grade_id),
        lambda kept: f"event: grade\ndata: {show(kept).model_dump_json()}\n\n",
        lambda kept: not kept.awaited,
        service.leaving.is_set,
        service.settings.request_timeout_s,
    )
    return StreamingResponse(told, media_type="text/event-stream")


async def kept_grade(service: Service, principal: Principal, grade_id: str) -> Kept:
    """A grade of the tenant.

    Raises:
        ProblemError: the tenant has none of this id.
    """
    return await service.read(grade_of, principal.tenant, grade_id)


def grade_of(connection: Connection, tenant: str, grade_id: str) -> Kept:
    """A grade of a tenant, as above."""
    kept = find_grade(connection, tenant, grade_id) if grade_id.isprintable() else None
    if kept is None:
        raise ProblemError(Kind.UNKNOWN_GRADE, f"there is no grade {grade_id[:100]!r}")
    return kept
