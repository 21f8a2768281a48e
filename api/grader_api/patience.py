"""How long the server waits for the headers of a request, and how many it takes.

uvicorn bounds the time between requests, and not the time that a request's headers take to arrive.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from grader_api.problems import MEDIA_TYPE, Kind, ProblemError

_MOST_HEADERS = 64 * 1024  # bytes


class _Patient(HttpToolsProtocol):
    patience_s: float
    _deadline: asyncio.TimerHandle | None = None
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._size = 0
        self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._size += len(name) + len(value)
        if self._size > _MOST_HEADERS:
            raise ValueError("too many headers")  # the parser stops, and uvicorn answers 400
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._rest()
        super().on_headers_complete()

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.patience_s, self._give_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_too_slow(self.patience_s))
        self.transport.close()


def patient(seconds: float) -> type[asyncio.Protocol]:
    """Uvicorn's protocol for HTTP, which waits so long for a request's headers."""
    return type("Patient", (_Patient,), {"patience_s": seconds})


def _too_slow(seconds: float) -> bytes:
    problem = ProblemError(Kind.SLOW_REQUEST, f"the headers did not arrive within {seconds:g} seconds")
    body = problem.document().model_dump_json(exclude_none=True).encode()
    head = (
        f"HTTP/1.1 {problem.kind.status} Request Timeout\r\ncontent-type: {MEDIA_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
