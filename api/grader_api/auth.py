"""Who asks: API keys, their scopes and tenants.

Where no key was ever made, the service is its machine's own: it answers callers on the loopback, who may do everything.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from cachetools import TTLCache
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from sqlalchemy import Connection

from grader_api.problems import Kind, ProblemError
from grader_api.scopes import Scope
from grader_api.service import Service
from grader_api.store.keys import Key, any_key, check_key

LOCAL = "local"
_FRESH_S = 0.5  # a revoked key is refused within this time
_REMEMBERED = 10_000
_MINUTE = 60

_bearer = HTTPBearer(
    auto_error=False,
    description="A key made by `grader keys create`. Without any key the service answers on its own machine only.",
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a tenant, what it may do, and the id of its key (`local` where there are no keys)."""

    tenant: str
    actor: str
    scopes: frozenset[Scope]

    def may(self, *scopes: Scope) -> bool:
        """Whether one of the scopes is given; `admin` gives all."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)


_OWNER = Principal("default", LOCAL, frozenset({Scope.ADMIN}))


class Gate:
    """Lets requests in by their keys, at a bounded rate for each; `clock` gives seconds."""

    def __init__(self, service: Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._known: TTLCache[str, Key | None] = TTLCache(_REMEMBERED, _FRESH_S, clock)
        self._open: TTLCache[str, bool] = TTLCache(1, _FRESH_S, clock)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(service.settings.rate_per_minute)

    async def admit(self, request: Request, sent: str | None) -> Principal:
        """Who asks.

        Raises:
            ProblemError: the key is missing or not valid, or has made too many requests.
        """
        if await self.no_keys():
            _require_loopback(request)
            return _OWNER
        key = await self._check(sent) if sent else None
        if key is None:
            detail = "the key is not valid" if sent else "send a key: Authorization: Bearer grader_…"
            raise ProblemError(Kind.UNAUTHENTICATED, detail, headers={"www-authenticate": "Bearer"})
        await self._count(key)
        return Principal(key.tenant, key.id, key.scopes)

    async def no_keys(self) -> bool:
        """Whether no key was ever made, so that the service is its machine's own."""
        with suppress(KeyError):  # asked and read in one: what is remembered may be forgotten in between
            return self._open[""]
        self._open[""] = found = not await self._service.read(any_key)
        return found

    async def _check(self, sent: str) -> Key | None:
        digest = hashlib.sha256(sent.encode()).hexdigest()  # keys themselves are kept nowhere
        with suppress(KeyError):  # as above
            return self._known[digest]
        self._known[digest] = found = await self._service.read(_check, sent)
        return found

    async def _count(self, key: Key) -> None:
        if not await self._limiter.hit(self._rate, key.id):
            raise ProblemError(
                Kind.RATE_LIMITED,
                f"the key may make {self._rate.amount} requests a minute",
                headers={"retry-after": str(_MINUTE)},
            )


def _check(connection: Connection, sent: str) -> Key | None:
    return check_key(connection, sent)


def is_loopback(host: str) -> bool:
    """Whether an address or a host's name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _require_loopback(request: Request) -> None:
    """Without keys only this machine is served; and no web page, which could only come by another host's name."""
    caller = request.client.host if request.client else ""
    if not is_loopback(caller) or not is_loopback(request.url.hostname or ""):
        raise ProblemError(Kind.UNAUTHENTICATED, "without keys the service answers on its own machine only")


def allows(*scopes: Scope) -> Callable[..., Awaitable[Principal]]:
    """A dependency: who asks, if one of the scopes is given."""

    async def admit(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Principal:
        return await admitted(request, credentials.credentials if credentials else None, scopes)

    return admit


async def admitted(request: Request, sent: str | None, scopes: tuple[Scope, ...]) -> Principal:
    """Who asks by this key, if one of the scopes is given.

    Raises:
        ProblemError: the key is missing or not valid, has made too many requests, or lacks the scopes.
    """
    gate: Gate = request.app.state.gate
    principal = await gate.admit(request, sent)
    request.state.actor = principal.actor
    if not principal.may(*scopes):
        wanted = " or ".join(scope.value for scope in scopes)
        raise ProblemError(Kind.FORBIDDEN, f"the key lacks the scope {wanted}")
    return principal


Grading = Annotated[Principal, Depends(allows(Scope.GRADE))]
Reading = Annotated[Principal, Depends(allows(Scope.READ))]
Authoring = Annotated[Principal, Depends(allows(Scope.AUTHOR))]
Reviewing = Annotated[Principal, Depends(allows(Scope.REVIEW))]
Administering = Annotated[Principal, Depends(allows(Scope.ADMIN))]
