"""What surrounds every request: its id, its line in the log, its count, and an answer whatever happens."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import traceback
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader_api.answers import Answer, problem_response, send_problem
from grader_api.metrics import Metrics
from grader_api.problems import Kind, ProblemError

_log = logging.getLogger("grader_api.requests")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}


class ContextMiddleware:
    """Gives each request an id, counts it, logs it, and turns what nobody expected into a problem without its trace."""

    def __init__(self, app: ASGIApp, metrics: Metrics, answer: Answer = problem_response) -> None:
        self._app, self._metrics, self._answer = app, metrics, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        begin, status = time.perf_counter(), 0

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        except asyncio.CancelledError:
            if status:
                raise
            # the server is ending and waits no longer for what is in flight
            problem = ProblemError(Kind.UNAVAILABLE, "the service is ending", headers={"retry-after": "1"})
            await send_problem(scope, tagged, problem, self._answer)
        except Exception as error:  # noqa: BLE001 (the client is answered, and the log says where it happened)
            _log_defect(request_id, error)
            if not status:
                problem = ProblemError(Kind.INTERNAL, "the log tells more, by the request id")
                await send_problem(scope, tagged, problem, self._answer)
        finally:
            self._tell(scope, request_id, status, time.perf_counter() - begin)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or scope["state"].get("route", "unmatched")
        self._metrics.request(_method(scope), route, status, seconds)
        told = {
            "request_id": request_id,
            "method": _method(scope),
            "route": route,  # not the path: that may hold a candidate's id
            "status": status,
            "ms": round(seconds * 1000, 1),
            "actor": scope["state"].get("actor"),
        }
        _log.info("request", extra=told)


def _request_id(headers: Headers) -> str:
    sent = headers.get("x-request-id", "")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


def _method(scope: Scope) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return scope["method"] if scope["method"] in known else "OTHER"


def _log_defect(request_id: str, error: Exception) -> None:
    """Where it happened and of what kind it is; not its message, which may quote an answer."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    told = {"request_id": request_id, "kind": type(error).__name__, "frames": frames[-12:]}
    _log.error("defect", extra=told)
