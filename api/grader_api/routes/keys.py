"""Keys: made, listed and revoked by who has the scope admin, which holds all others, for the own tenant."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from sqlalchemy import Connection

from grader_api.auth import Administering, Principal
from grader_api.bodies import RawBody, documented, parse, strictly
from grader_api.keyring import list_keys, make_key, revoke_key
from grader_api.once import IdempotencyKey
from grader_api.routes.parts import Parts, Repeats, answer, problems, router
from grader_api.schemas import KeyCreate, KeyList, KeyMade, KeyOut
from grader_api.store.replies import Claim, Reply, record_reply

routes = router("keys")


@routes.post("/v1/keys", operation_id="create_key", status_code=201, response_model=KeyMade, responses=problems(409))
async def create_key(
    request: Request,
    service: Parts,
    once: Repeats,
    principal: Administering,
    body: Annotated[RawBody, *documented(KeyCreate)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a key of the tenant. Its text is shown this once: a request sent again is answered without it.

    Where there was no key, the service answers no request without one from now on.
    """
    create = await parse(body, strictly(KeyCreate))

    async def work(claim: Claim | None) -> Reply:
        return await service.write(_create, principal, create, claim)

    return await once.reply(request, principal, idempotency_key, body, work)


def _create(connection: Connection, principal: Principal, create: KeyCreate, claim: Claim | None) -> Reply:
    made = make_key(connection, principal.tenant, principal.actor, create)
    if claim is not None:
        kept = made.model_copy(update={"key": None})  # of a key only its hash is kept
        record_reply(connection, claim, Reply(201, kept.model_dump_json()))
    return Reply(201, made.model_dump_json())


@routes.get("/v1/keys", operation_id="list_keys", response_model=KeyList)
async def get_keys(service: Parts, principal: Administering) -> Response:
    """The tenant's keys, oldest first, revoked ones too."""
    return answer(await service.read(list_keys, principal.tenant))


@routes.delete("/v1/keys/{key_id}", operation_id="revoke_key", response_model=KeyOut, responses=problems(404, 409))
async def delete_key(
    request: Request,
    service: Parts,
    once: Repeats,
    principal: Administering,
    key_id: str,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Revoke a key of the tenant, for good: it is refused within a second. It stays in the list."""

    async def work(claim: Claim | None) -> Reply:
        return await service.write(_revoke, principal, key_id, claim)

    return await once.reply(request, principal, idempotency_key, RawBody(), work)


def _revoke(connection: Connection, principal: Principal, key_id: str, claim: Claim | None) -> Reply:
    revoked = revoke_key(connection, principal.tenant, principal.actor, key_id)
    reply = Reply(200, revoked.model_dump_json())
    if claim is not None:
        record_reply(connection, claim, reply)
    return reply
