"""Candidates: what is kept of one can be erased."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response
from sqlalchemy import Connection

from grader_api.auth import Administering, Principal
from grader_api.bodies import RawBody
from grader_api.once import IdempotencyKey
from grader_api.problems import Kind, ProblemError
from grader_api.routes.parts import Parts, Repeats, problems, router
from grader_api.schemas import Erased, Line
from grader_api.store.erasure import erase_candidate
from grader_api.store.replies import Claim, Reply, record_reply

routes = router("candidates")


@routes.delete(
    "/v1/candidates/{candidate_id:path}",
    operation_id="erase_candidate",
    response_model=Erased,
    responses=problems(404, 409),
)
async def delete_candidate(
    request: Request,
    service: Parts,
    once: Repeats,
    principal: Administering,
    candidate_id: Annotated[Line, Path()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Erase every answer and grade of a candidate, for good."""

    async def work(claim: Claim | None) -> Reply:
        return await service.write(_erase, principal, candidate_id, claim)

    return await once.reply(request, principal, idempotency_key, RawBody(), work)


def _erase(connection: Connection, principal: Principal, candidate_id: str, claim: Claim | None) -> Reply:
    gone = erase_candidate(connection, principal.tenant, principal.actor, candidate_id)
    if not (gone.grades or gone.rows):
        raise ProblemError(Kind.UNKNOWN_CANDIDATE, f"nothing is kept of a candidate {candidate_id!r}")
    reply = Reply(200, Erased(grades=gone.grades, rows=gone.rows).model_dump_json())
    if claim is not None:
        record_reply(connection, claim, reply)
    return reply
