"""A chat endpoint that speaks the protocol over real HTTP, and says what a test scripts."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Body = Mapping[str, Any]
Script = Callable[[Body], Response]


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class ChatEndpoint:
    """Answers each call by the script, after `held_s` and while it is `open`.

    `asked` are the bodies it got, `keys` the authorizations.
    """

    script: Script
    base_url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    held_s: float = 0.0
    open: threading.Event = field(default_factory=_set)
    in_flight: int = 0
    most_at_once: int = 0

    def start_over(self, script: Script) -> Self:
        """Another script, and nothing asked yet."""
        self.script, self.held_s, self.most_at_once = script, 0.0, 0
        self.asked, self.keys = [], []
        return self

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization"))
        self.in_flight += 1
        self.most_at_once = max(self.most_at_once, self.in_flight)
        await anyio.sleep(self.held_s)
        while not self.open.is_set():
            await anyio.sleep(0.01)
        self.in_flight -= 1
        return self.script(body)


@contextmanager
def serving(endpoint: ChatEndpoint) -> Iterator[ChatEndpoint]:
    """The endpoint behind a port of its own."""
    app = Starlette(routes=[Route("/v1/chat/completions", endpoint.complete, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    endpoint.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield endpoint
    finally:
        server.should_exit = True
        thread.join()


def completion(content: str | None, *, finish: str = "stop", refusal: str | None = None, tokens: int = 100) -> Response:
    """A chat completion."""
    return JSONResponse(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "scripted",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, "refusal": refusal},
                }
            ],
            "usage": {"prompt_tokens": tokens, "completion_tokens": tokens // 10, "total_tokens": tokens},
        }
    )


def refused(status: int, message: str = "no", *, headers: Mapping[str, str] | None = None, **more: str) -> Response:
    """An error as endpoints send it."""
    return JSONResponse({"error": {"message": message, **more}}, status, dict(headers or {}))


def in_turn(replies: Sequence[Response]) -> Script:
    """One reply after another, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def verdicts(criteria: Mapping[str, tuple[str, str]], claims: Mapping[str, tuple[bool, str]]) -> str:
    """A reply's text: verdicts and claims with their quotes."""
    return json.dumps(
        {
            "criteria": {name: {"quote": quote, "verdict": verdict} for name, (verdict, quote) in criteria.items()},
            "misconceptions": {name: {"quote": quote, "claimed": claimed} for name, (claimed, quote) in claims.items()},
        }
    )


def answer_in(body: Body) -> str:
    """The answer that a call is about: what stands between its markers."""
    found = re.search(r"<answer ([0-9a-f]{32})>\n(.*)\n</answer \1>", body["messages"][1]["content"], re.DOTALL)
    assert found
    return found[2]


def rubric_in(body: Body) -> dict[str, Any]:
    """The JSON object that a call tells before the answer."""
    told: dict[str, Any] = json.JSONDecoder().raw_decode(body["messages"][1]["content"])[0]
    return told


def believer(body: Body) -> Response:
    """A model that finds every criterion met by the whole answer, and no misconception claimed."""
    rubric, answer = rubric_in(body), answer_in(body)
    return completion(
        verdicts(
            {one["id"]: ("met", answer) for one in rubric["criteria"]},
            {one["id"]: (False, "") for one in rubric["misconceptions"]},
        )
    )
