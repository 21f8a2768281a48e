"""Second looks: a person overrides a grade, stored answers are graded again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from grader.grade import Grade
from grader_api.auth import Principal, Reviewing, allows
from grader_api.bodies import RawBody, documented, parse, strictly
from grader_api.grading import write_of
from grader_api.once import IdempotencyKey
from grader_api.overriding import decide
from grader_api.problems import Kind, ProblemError
from grader_api.regrading import regrade
from grader_api.routes.grades import keep, kept_grade
from grader_api.routes.parts import Keeping, Parts, Repeats, problems, router
from grader_api.schemas import OverrideCreate, OverrideOut, RegradeCreate, RegradeOut
from grader_api.scopes import Scope
from grader_api.store.grades import OverrideRow, add_override, new_salt
from grader_api.store.replies import Claim, Reply, record_reply

routes = router("reviews")


@routes.post(
    "/v1/grades/{grade_id}/overrides",
    operation_id="create_override",
    status_code=201,
    response_model=OverrideOut,
    responses=problems(404, 409),
)
async def create_override(
    request: Request,
    service: Parts,
    once: Repeats,
    principal: Reviewing,
    grade_id: str,
    body: Annotated[RawBody, *documented(OverrideCreate)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Decide about a grade. The machine's grade stays; the last decision is the one that holds."""
    create = await parse(body, strictly(OverrideCreate))

    async def work(claim: Claim | None) -> Reply:
        kept = await kept_grade(service, principal, grade_id)
        shelf = await service.shelf(principal.tenant)
        out = decide(create, Grade.model_validate_json(kept.current), shelf, service.settings.threshold)
        reply = Reply(201, out.model_dump_json(), f"/v1/grades/{grade_id}", (grade_id,))
        row = OverrideRow(out.id, grade_id, out.created_at, principal.actor, new_salt(), reply.body)
        await service.write(_override, principal, row, claim, reply)
        return reply

    return await once.reply(request, principal, idempotency_key, body, work)


def _override(
    connection: Connection, principal: Principal, row: OverrideRow, claim: Claim | None, reply: Reply
) -> None:
    if claim is not None:
        record_reply(connection, claim, reply)
    add_override(connection, principal.tenant, row)


@routes.post(
    "/v1/regrades",
    operation_id="create_regrade",
    response_model=RegradeOut,
    responses=problems(404, 409),
)
async def create_regrade(
    request: Request,
    service: Parts,
    once: Repeats,
    keeper: Keeping,
    principal: Annotated[Principal, Depends(allows(Scope.AUTHOR, Scope.REVIEW))],
    body: Annotated[RawBody, *documented(RegradeCreate)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Grade stored answers again after a change of their bank; `dry_run` only tells what would change."""
    create = await parse(body, strictly(RegradeCreate))

    async def work(claim: Claim | None) -> Reply:
        regraded = await regrade(service, principal, create)
        subjects = tuple(change.grade_id for change in regraded.out.changes)
        reply = Reply(200, regraded.out.model_dump_json(), None, subjects)
        try:
            await keep(service, write_of(regraded.made, claim, reply))
        except IntegrityError as error:
            raise ProblemError(Kind.CHANGED, "some of the grades were made again in the meantime") from error
        keeper.nudge()
        return reply

    return await once.reply(request, principal, idempotency_key, body, work)
