"""At the door: while too many answers wait, more are refused before anything is read of them.

To refuse must cost next to nothing, or a service that is asked for more than it can do is busy refusing.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from grader_api.answers import Answer, problem_response, send_problem
from grader_api.errors import QueueFull
from grader_api.problems import queue_full

_TO_BE_GRADED = frozenset({"/v1/grades", "/v1/chat/completions"})


class SheddingMiddleware:
    """Refuses answers while `require_room` raises QueueFull. Whoever asks without a key is told the same as others."""

    def __init__(self, app: ASGIApp, require_room: Callable[[], None], answer: Answer = problem_response) -> None:
        self._app, self._require_room, self._answer = app, require_room, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in _TO_BE_GRADED:
            try:
                self._require_room()
            except QueueFull as full:
                scope["state"]["route"] = scope["path"]
                await send_problem(scope, send, queue_full(full), self._answer)
                return
        await self._app(scope, receive, send)
