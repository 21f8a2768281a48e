"""One call of the service over HTTP: repeated where that is safe and may help, its failure as an error of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx2
from pydantic import ValidationError
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    stop_any,
    wait_exponential_jitter,
)

from grader import __version__
from grader.errors import Fault
from grader_api.errors import (
    Busy,
    CallError,
    Conflicting,
    Invalid,
    NotAllowed,
    NotThere,
    NotUnderstood,
    Refused,
    Unreachable,
)
from grader_api.problems import MEDIA_TYPE, Kind, ProblemOut

ATTEMPTS = 5
TIMEOUT_S = 60.0  # longer than the service takes for a request, so that its own problem is heard
_CONNECT_S = 5.0
_TABLE_S = 600.0  # what is made of a whole table, perhaps of a million rows, may take so long to come
_BACKOFF = wait_exponential_jitter(multiplier=0.2, max=5.0, jitter=0.2)  # seconds
_LONGEST_WAIT_S = 30.0  # what asks for more is for the caller to wait for
_KINDS: dict[int, type[Refused]] = {
    HTTPStatus.UNAUTHORIZED: NotAllowed,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.NOT_FOUND: NotThere,
    HTTPStatus.CONFLICT: Conflicting,
    HTTPStatus.BAD_REQUEST: Invalid,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Invalid,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Invalid,
    HTTPStatus.UNPROCESSABLE_ENTITY: Invalid,
    HTTPStatus.REQUEST_TIMEOUT: Busy,
    HTTPStatus.TOO_MANY_REQUESTS: Busy,
    HTTPStatus.SERVICE_UNAVAILABLE: Busy,
}
_GATEWAYS = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


Query = Mapping[str, str | Sequence[str]]


class Caller:
    """Calls one service; see `grader_api.client.Client` for its arguments.

    Raises:
        Unreachable: the address is not one of HTTP.
        NotAllowed: the key cannot be one.
    """

    def __init__(
        self,
        server: str,
        key: str | None,
        *,
        timeout_s: float,
        attempts: int,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server = _address(server)
        headers = {"Accept": "application/json", "User-Agent": f"answer-grader/{__version__}"}
        if key:
            headers["Authorization"] = f"Bearer {_checked(key)}"
        timeout = httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        self._patience = httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s), read=max(timeout_s, _TABLE_S))
        # redirects are not followed: they would carry the key to another address
        self._http = httpx2.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False)
        self._again = Retrying(
            stop=stop_any(stop_after_attempt(attempts), stop_after_delay(2 * timeout_s)),
            wait=_wait,
            retry=retry_if_exception(_may_help),
            sleep=sleep,
            reraise=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        idempotency_key: str | None = None,
        of_a_table: bool = False,
    ) -> bytes:
        """The body of the service's reply; what is made of a whole table is waited for longer.

        Raises:
            CallError: there is none, or it is a problem.
        """
        headers = {} if body is None else {"Content-Type": "application/json"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = _checked(idempotency_key)
        timeout = self._patience if of_a_table else self._http.timeout
        request = self._http.build_request(
            method, self._server + path, params=query or None, content=body, headers=headers, timeout=timeout
        )
        return self._again(self._send, request)

    def upload(self, path: str, file: Path, *, query: Query, headers: Mapping[str, str], idempotency_key: str) -> bytes:
        """The body of the service's reply to a file, which is sent as it is read, anew at every attempt.

        Raises:
            CallError: there is none, or it is a problem.
        """
        own = {**headers, "Content-Type": "application/octet-stream", "Idempotency-Key": _checked(idempotency_key)}

        def attempt() -> bytes:
            with file.open("rb") as stream:
                return self._send(
                    self._http.build_request("POST", self._server + path, params=query, content=stream, headers=own)
                )

        return self._again(attempt)

    def download(self, path: str, file: BinaryIO) -> None:
        """Write the service's reply to an empty file; what breaks off goes on where it broke.

        Raises:
            CallError: there is none, or it is a problem.
        """
        tag = ""

        def attempt() -> None:
            nonlocal tag
            headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
            if tag and file.tell():
                headers |= {"Range": f"bytes={file.tell()}-", "If-Range": tag}
            with self._streamed(path, headers) as response:
                if response.status_code != HTTPStatus.PARTIAL_CONTENT:
                    file.seek(0)
                    file.truncate()
                tag = response.headers.get("etag", "")
                file.writelines(response.iter_raw())

        self._again(attempt)

    @contextmanager
    def _streamed(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        try:
            with self._http.stream("GET", self._server + path, headers=headers, timeout=self._patience) as response:
                if not response.is_success:
                    response.read()
                    raise self._failure(response)
                yield response
        except httpx2.HTTPError as error:
            told = str(error) or type(error).__name__
            raise Unreachable(f"{self._server} does not answer: {told}") from error

    def _send(self, request: httpx2.Request) -> bytes:
        try:
            response = self._http.send(request)
        except httpx2.DecodingError as error:
            raise NotUnderstood(f"the reply of {self._server} cannot be read: {error}") from error
        except httpx2.HTTPError as error:
            told = str(error) or type(error).__name__
            raise Unreachable(f"{self._server} does not answer: {told}") from error
        if response.is_success:
            return response.content
        raise self._failure(response)

    def _failure(self, response: httpx2.Response) -> CallError:
        """What a reply that is no success means."""
        try:
            if response.headers.get("content-type", "").split(";")[0] != MEDIA_TYPE:
                return self._stranger(response)
            problem = ProblemOut.model_validate_json(response.content)
        except ValidationError:
            return self._stranger(response)
        return _refusal(self._server, problem, _retry_after(response))

    def _stranger(self, response: httpx2.Response) -> CallError:
        """An answer that is none of the service's: a gateway that cannot reach it, or something else altogether."""
        status = f"{response.status_code} {response.reason_phrase}".strip()
        if response.status_code in _GATEWAYS:
            return Unreachable(f"{self._server} does not answer: {status}")
        return NotUnderstood(f"what answers at {self._server} is no answer-grader service: it says {status}")


def _refusal(server: str, problem: ProblemOut, retry_after: float | None) -> Refused:
    faults = tuple(Fault(server, one.line, one.path, one.message) for one in problem.errors)
    return _KINDS.get(problem.status, Refused)(
        _told(server, problem, faults),
        status=problem.status,
        kind=problem.type,
        faults=faults,
        nearest=problem.nearest,
        request_id=problem.request_id,
        retry_after=retry_after,
    )


def _told(server: str, problem: ProblemOut, faults: Sequence[Fault]) -> str:
    if problem.type == Kind.NOT_FOUND.uri:
        return f"the service has nothing there: is {server} its address, without what it serves below?"
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"{problem.title}: its log tells more, by the request id {problem.request_id}"
    return "\n".join(map(str, faults)) if len(faults) > 1 else problem.detail


def _address(server: str) -> str:
    try:
        url = httpx2.URL(server)
    except httpx2.InvalidURL as error:
        raise Unreachable(f"{server!r} is no address: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise Unreachable(f"{server!r} is no address of a service, as http://127.0.0.1:8000 would be")
    return server.rstrip("/")


def _checked(header: str) -> str:
    if not (header.isascii() and header.isprintable()):
        raise NotAllowed("a key is printable ASCII on one line: this one cannot be sent")
    return header


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds; a date is not understood, and the service sends none."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else None


def _may_help(error: BaseException) -> bool:
    """Whether the same call may succeed later. All of them may be repeated: see `Client`."""
    if isinstance(error, Unreachable):
        return not isinstance(error.__cause__, httpx2.LocalProtocolError)
    if not isinstance(error, Refused) or (error.retry_after or 0.0) > _LONGEST_WAIT_S:
        return False
    return isinstance(error, Busy) or error.kind == Kind.IN_FLIGHT.uri


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Refused) else None
    return max(asked or 0.0, _BACKOFF(state))
