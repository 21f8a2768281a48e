"""Problems as responses."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Message, Scope, Send

from grader_api.problems import MEDIA_TYPE, ProblemError


async def send_problem(scope: Scope, send: Send, problem: ProblemError) -> None:
    """Answer with a problem."""
    await problem_response(problem, scope["state"].get("request_id"))(scope, _nothing, send)


def problem_response(problem: ProblemError, request_id: str | None) -> Response:
    """A problem as a response."""
    document = problem.document(request_id).model_dump_json(exclude_none=True)
    return Response(document, problem.kind.status, problem.headers, MEDIA_TYPE)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
