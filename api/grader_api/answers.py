"""Problems as responses: RFC 9457 documents, and on the OpenAI-compatible routes OpenAI's errors."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from grader_api.problems import MEDIA_TYPE, Kind, ProblemError

Answer = Callable[[Scope, ProblemError], Response]
"""What a problem is answered with."""

OPENAI_PATHS = ("/v1/chat/", "/v1/models")
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class OpenAIError(BaseModel):
    """What is wrong, in the words of OpenAI's clients; `code` is the type of the problem, `param` the faulty field."""

    model_config = ConfigDict(frozen=True)

    message: str
    type: str
    param: str | None
    code: str


class OpenAIErrorOut(BaseModel):
    """An error as OpenAI's clients read it."""

    model_config = ConfigDict(frozen=True)

    error: OpenAIError


async def send_problem(scope: Scope, send: Send, problem: ProblemError, answer: Answer) -> None:
    """Answer with a problem."""
    await answer(scope, problem)(scope, _nothing, send)


def problem_response(scope: Scope, problem: ProblemError) -> Response:
    """A problem as a response to a request."""
    if scope["path"].startswith(OPENAI_PATHS):
        return _openai_response(problem)
    document = problem.document(scope["state"].get("request_id")).model_dump_json(exclude_none=True)
    return Response(document, problem.kind.status, problem.headers, MEDIA_TYPE)


def _openai_response(problem: ProblemError) -> Response:
    """OpenAI answers 400 to what is wrong in a body, and its clients try again after 409: so no status but theirs."""
    status = {409: 400, 422: 400}.get(problem.kind.status, problem.kind.status)
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = "model_not_found" if problem.kind is Kind.UNKNOWN_BANK else problem.kind.slug.replace("-", "_")
    param = problem.errors[0].path or None if problem.errors else None
    error = OpenAIError(message=problem.detail, type=kind, param=param, code=code)
    return Response(OpenAIErrorOut(error=error).model_dump_json(), status, problem.headers, "application/json")


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
