"""Errors as problems, and problems as responses."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from grader_api.errors import QueueFull, Stopping, StoreUnavailable
from grader_api.problems import MEDIA_TYPE, Kind, ProblemError, fault, faults

EXPECTED = (ProblemError, RequestValidationError, HTTPException, QueueFull, Stopping, StoreUnavailable)
"""What a route may raise on purpose."""


async def send_problem(scope: Scope, send: Send, problem: ProblemError) -> None:
    """Answer with a problem."""
    await problem_response(problem, scope["state"].get("request_id"))(scope, _nothing, send)


def problem_response(problem: ProblemError, request_id: str | None) -> Response:
    """A problem as a response."""
    document = problem.document(request_id).model_dump_json(exclude_none=True)
    return Response(document, problem.kind.status, problem.headers, MEDIA_TYPE)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def as_problem(error: Exception) -> ProblemError:
    """An error as a problem."""
    match error:
        case ProblemError():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return _refused(error)
        case QueueFull():
            wait = str(max(1, round(error.retry_after)))
            return ProblemError(Kind.QUEUE_FULL, "try again later", headers={"retry-after": wait})
    return ProblemError(Kind.UNAVAILABLE, str(error), headers={"retry-after": "1"})


def _refused(error: HTTPException) -> ProblemError:
    """What the framework refuses by itself."""
    kinds = {404: Kind.NOT_FOUND, 405: Kind.METHOD_NOT_ALLOWED}
    kind = kinds.get(error.status_code, Kind.MALFORMED_REQUEST)
    return ProblemError(kind, str(error.detail), headers=error.headers)


def _invalid(error: RequestValidationError) -> ProblemError:
    listed = faults(error.errors()) or [fault("", "has faults")]
    told = f"{listed[0].path}: {listed[0].message}" if listed[0].path else listed[0].message
    return ProblemError(Kind.INVALID_REQUEST, told, errors=listed)
