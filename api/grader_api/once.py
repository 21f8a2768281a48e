"""Idempotency keys: a request that is sent again is answered as it was, and its work is done once.

The reply is kept in the transaction that keeps the work, so there is either both or neither. What is in flight is known
to the process alone: a second process finds out when it records, and then replays what the first has recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Header, Request, Response

from grader_api.auth import Principal
from grader_api.bodies import RawBody
from grader_api.errors import AlreadyRecorded
from grader_api.problems import Kind, ProblemError, fault
from grader_api.service import Service
from grader_api.store.replies import Claim, Reply, find_reply

Work = Callable[[Claim | None], Awaitable[Reply]]

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text that is new for each request. Sent again with the same request within 24 hours, the "
        "first reply is given again.",
    ),
]


class Once:
    """Does the work of a request with an idempotency key once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._in_flight: dict[tuple[str, str], str] = {}

    async def reply(
        self, request: Request, principal: Principal, key: str | None, body: RawBody, work: Work
    ) -> Response:
        """The reply to a request: made by `work`, or the one that was made before.

        Raises:
            ProblemError: the key belongs to another request, or its request is in flight.
        """
        if key is None:
            return _response(await work(None))
        claim = Claim(principal.tenant, key, _fingerprint(request, body))
        with self._flight(claim):
            known = await self._service.read(find_reply, claim)
            if known is None:
                try:
                    return _response(await work(claim))
                except AlreadyRecorded:  # by another process, in the meantime
                    known = await self._service.read(find_reply, claim)
        if known is None or known[0] != claim.fingerprint:
            raise _reused(claim)
        return _response(known[1], replayed=True)

    @contextmanager
    def _flight(self, claim: Claim) -> Iterator[None]:
        place = (claim.tenant, claim.key)
        if place in self._in_flight:
            if self._in_flight[place] != claim.fingerprint:
                raise _reused(claim)
            raise ProblemError(
                Kind.IN_FLIGHT, "the first request with this key is being worked on", headers={"retry-after": "1"}
            )
        self._in_flight[place] = claim.fingerprint
        try:
            yield
        finally:
            del self._in_flight[place]


def _fingerprint(request: Request, body: bytes) -> str:
    told = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(told + body).hexdigest()


def _reused(claim: Claim) -> ProblemError:
    return ProblemError(
        Kind.KEY_REUSED,
        "the key was sent before, with another body or to another path",
        errors=[fault("Idempotency-Key", "is used already", claim.key)],
    )


def _response(reply: Reply, *, replayed: bool = False) -> Response:
    headers = {"location": reply.location} if reply.location else {}
    if replayed:
        headers["idempotency-replayed"] = "true"
    return Response(reply.body, reply.status, headers, "application/json")
