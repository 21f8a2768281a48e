"""MCP over streamable HTTP, stateless: the same keys and tenants as everywhere, Host and Origin checked by the SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Send
from starlette.types import Scope as RequestScope

from grader.bank.library import Library
from grader.grade import Grade
from grader.request import GradeRequest
from grader_api.auth import Principal, allows
from grader_api.grading import Made, judge_all
from grader_api.mcp import Door, make_server
from grader_api.problems import Kind, ProblemError
from grader_api.routes.parts import Parts
from grader_api.scopes import Scope
from grader_api.service import Service
from grader_api.settings import ServiceSettings

routes = APIRouter(tags=["mcp"])
_OWN_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (compared with, not listened on)
_CALLER: ContextVar[Door] = ContextVar("caller")

Calling = Annotated[Principal, Depends(allows(Scope.GRADE, Scope.READ))]


class _TenantDoor:
    """A tenant's banks and grades, as far as its key goes."""

    def __init__(self, service: Service, principal: Principal) -> None:
        self._service, self._principal = service, principal

    async def library(self) -> Library:
        """The tenant's banks."""
        self._require(Scope.READ)
        return (await self._service.shelf(self._principal.tenant)).library

    async def grade(self, request: GradeRequest) -> Grade:
        """A grade by the service's model. It is not kept."""
        self._require(Scope.GRADE)
        (outcome,) = await judge_all(self._service, self._principal, [request])
        if not isinstance(outcome, Made):
            raise outcome
        return outcome.out

    def _require(self, scope: Scope) -> None:
        if not self._principal.may(scope):
            raise ProblemError(Kind.FORBIDDEN, f"the key lacks the scope {scope.value}")


class _Handed(Response):
    """A response that the SDK gives."""

    def __init__(self, sessions: StreamableHTTPSessionManager, door: Door) -> None:
        super().__init__()
        self._sessions, self._caller = sessions, door

    async def __call__(self, scope: RequestScope, receive: Receive, send: Send) -> None:
        """Answer one request of a client."""
        token = _CALLER.set(self._caller)
        try:
            await self._sessions.handle_request(scope, receive, send)
        finally:
            _CALLER.reset(token)


@routes.post("/mcp", include_in_schema=False)
async def mcp(request: Request, service: Parts, principal: Calling) -> Response:
    """A message of an MCP client."""
    return _Handed(request.app.state.mcp, _TenantDoor(service, principal))


@asynccontextmanager
async def answering(app: FastAPI, settings: ServiceSettings) -> AsyncIterator[None]:
    """Have the application answer MCP clients for as long as it runs."""
    sessions = StreamableHTTPSessionManager(
        make_server(_CALLER.get)._lowlevel_server,  # noqa: SLF001 (the SDK hands it out only inside an application)
        json_response=True,
        stateless=True,
        security_settings=_security(settings),
        max_request_body_size=settings.max_body_bytes,
    )
    app.state.mcp = sessions
    async with sessions.run():
        yield


def _security(settings: ServiceSettings) -> TransportSecuritySettings:
    """A web page reaches a service on its reader's machine only under a name of its own, and says where it is from."""
    listening = () if settings.host in _EVERYWHERE else (settings.host,)
    hosts = dict.fromkeys((*_OWN_HOSTS, *listening, *settings.allowed_hosts))
    return TransportSecuritySettings(
        allowed_hosts=[form for host in hosts for form in (host, f"{host}:*")],
        allowed_origins=list(settings.allowed_origins),
    )
