"""Bounds on what a client may send and how long anything may take, before the application sees it.

A body is read whole, within its time and size, also after inflation, and only then handed on.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader_api.answers import Answer, problem_response, send_problem
from grader_api.problems import Kind, ProblemError
from grader_api.settings import ServiceSettings

_LARGE = 64 * 1024  # bytes from which work on a body would hold up the event loop
_BATCHES = "/v1/batches"
_MARKS = b'[]{}"'
_QUOTE = ord('"')
_OTHERS = bytes(set(range(256)) - set(_MARKS))


class LimitsMiddleware:
    """Refuses what is too large, too deep, too slow to come, or takes too long."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings, answer: Answer = problem_response) -> None:
        self._app, self._settings, self._answer = app, settings, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _is_upload(scope, headers):
            await self._app(scope, self._bounded(receive, headers), send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            body = await self._read(headers, receive)
        except ProblemError as problem:
            await send_problem(scope, send, problem, self._answer)
            return
        try:
            async with asyncio.timeout(None if _is_download(scope) else self._settings.request_timeout_s):
                await self._app(scope, _replay(body, receive), watched)
        except TimeoutError:
            if started:
                raise
            told = f"the request took more than {self._settings.request_timeout_s:g} seconds"
            slow = ProblemError(Kind.TIMED_OUT, told, headers={"retry-after": "1"})
            await send_problem(scope, send, slow, self._answer)

    def _bounded(self, receive: Receive, headers: Headers) -> Receive:
        """An upload, part by part as it comes: it may take long as long as it goes on."""
        most, size = self._settings.max_upload_bytes, 0

        async def bounded() -> Message:
            nonlocal size
            if headers.get("content-encoding", "identity") != "identity":
                told = "a table is uploaded as it is; say how it is packed by its name, as in answers.csv.gz"
                raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, told)
            message = await self._in_time(receive)
            size += len(message.get("body", b""))
            if max(size, _declared(headers)) > most:
                raise self._too_large(most)
            return message

        return bounded

    async def _in_time(self, receive: Receive) -> Message:
        try:
            async with asyncio.timeout(self._settings.client_timeout_s):
                return await receive()
        except TimeoutError as error:
            told = f"nothing arrived within {self._settings.client_timeout_s:g} seconds"
            raise ProblemError(Kind.SLOW_REQUEST, told, headers={"connection": "close"}) from error

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        if _declared(headers) > self._settings.max_body_bytes:
            raise self._too_large(self._settings.max_body_bytes)
        try:
            async with asyncio.timeout(self._settings.client_timeout_s):
                body = await self._receive(receive)
        except TimeoutError as error:
            told = f"the body did not arrive within {self._settings.client_timeout_s:g} seconds"
            raise ProblemError(Kind.SLOW_REQUEST, told, headers={"connection": "close"}) from error
        if len(body) < _LARGE and "content-encoding" not in headers:
            return self._check(body, headers)
        return await anyio.to_thread.run_sync(self._check, body, headers)

    async def _receive(self, receive: Receive) -> bytes:
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > self._settings.max_body_bytes:
                raise self._too_large(self._settings.max_body_bytes)
            parts.append(part)
            more = message.get("more_body", False)
        return b"".join(parts)

    def _check(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        inflated = self._inflate(body, headers.get("content-encoding", "identity").strip().lower())
        if "json" in headers.get("content-type", "") and _deeper(inflated, self._settings.max_json_depth):
            told = f"a body may be nested {self._settings.max_json_depth} levels deep"
            raise ProblemError(Kind.JSON_TOO_DEEP, told)
        return inflated

    def _inflate(self, body: bytes, encoding: str) -> bytes:
        if encoding == "identity":
            return body
        if encoding != "gzip":
            raise ProblemError(
                Kind.UNSUPPORTED_MEDIA_TYPE, f"Content-Encoding is {encoding[:40]!r}; gzip is understood"
            )
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            inflated = inflater.decompress(body, self._settings.max_body_bytes + 1)
        except zlib.error as error:
            raise ProblemError(Kind.MALFORMED_REQUEST, "the body is not gzip") from error
        if len(inflated) > self._settings.max_body_bytes:
            raise self._too_large(self._settings.max_body_bytes)
        if not inflater.eof or inflater.unused_data:
            raise ProblemError(Kind.MALFORMED_REQUEST, "the body is not one whole gzip stream")
        return inflated

    def _too_large(self, most: int) -> ProblemError:
        told = f"a body may have {most:,} bytes"
        return ProblemError(Kind.BODY_TOO_LARGE, told, headers={"connection": "close"})


def _is_upload(scope: Scope, headers: Headers) -> bool:
    """Whether the body is a table: that may be large, and is not read whole here."""
    is_json = headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    return bool(scope["method"] == "POST" and scope["path"] == _BATCHES and not is_json)


def _is_download(scope: Scope) -> bool:
    """Whether the reply is made of a table, which may take long to write and to read."""
    path: str = scope["path"]
    return path.startswith(f"{_BATCHES}/") and path.endswith(("/output", "/errors", "/figures"))


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise ProblemError(Kind.MALFORMED_REQUEST, "Content-Length is not a number")
    return int(length[:20])


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body as one message; after it, what the server still has to tell (that the client is gone)."""
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _deeper(body: bytes, most: int) -> bool:
    """Whether brackets outside strings are nested deeper. What is no JSON is left to the parser to refuse."""
    depth, quoted = 0, False
    for mark in body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHERS):
        if mark == _QUOTE:
            quoted = not quoted
        elif not quoted:
            depth += 1 if mark in b"[{" else -1
            if depth > most:
                return True
    return False
