"""One call of an OpenAI-compatible endpoint: repeated where that may help, what goes wrong as a value of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import anyio
import httpx2
import openai
from pydantic import ValidationError
from pyrate_limiter import Duration, Limiter, Rate
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from grader.errors import RemoteJudgeError
from grader.grade import RemoteOutcome
from grader.llm.completion import Completion
from grader.llm.opinion import Unscored, plain
from grader.llm.prompt import Message

_BACKOFF = wait_exponential_jitter(multiplier=0.5, max=20.0, jitter=0.5)  # seconds
_LONGEST_WAIT_S = 60.0  # what asks for more is not waited for
_CONNECT_S = 10.0
_SET_UP_WRONG = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})
_OTHERWISE = {"max_tokens": "max_completion_tokens", "temperature": None}
"""How hosted models want parameters to be called that all others know; None: not told at all."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a language model is asked, and how.

    Attributes:
        base_url: up to and with `/v1`.
        model: as the endpoint calls it.
        api_key: sent as a bearer token; None where none is wanted.
        timeout_s: the longest time that one attempt may take from its first word to the reply's last, in seconds.
        attempts: how often a call is tried, at least 1.
        concurrency: calls at the same time.
        per_minute: the most attempts in a minute; None sets no limit.
        max_reply_tokens: the longest reply.

    Raises:
        RemoteJudgeError: the address is none of HTTP, or the key cannot be sent.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    attempts: int = 4
    concurrency: int = 8
    per_minute: int | None = None
    max_reply_tokens: int = 4096

    def __post_init__(self) -> None:
        try:
            url = httpx2.URL(self.base_url)
        except httpx2.InvalidURL as error:
            raise RemoteJudgeError(f"GRADER_JUDGE_BASE_URL: {self.base_url!r} is no address: {error}") from error
        if url.scheme not in {"http", "https"} or not url.host:
            told = "is no address of an endpoint, as http://127.0.0.1:8000/v1 would be"
            raise RemoteJudgeError(f"GRADER_JUDGE_BASE_URL: {self.base_url!r} {told}")
        if self.api_key is not None and not (self.api_key.isascii() and self.api_key.isprintable()):
            raise RemoteJudgeError(
                "GRADER_JUDGE_API_KEY: a key is printable ASCII on one line: this one cannot be sent"
            )


class NoReplyError(Exception):
    """A call that came to nothing.

    Attributes:
        unscored: why.
        again: whether the same call may succeed later.
        after: when, in seconds; None where the endpoint does not say.
        read: whether the model may have read what was sent, so that it may cost something.
    """

    def __init__(
        self,
        outcome: RemoteOutcome,
        detail: str,
        *,
        again: bool = False,
        after: float | None = None,
        read: bool = False,
    ) -> None:
        super().__init__(detail)
        self.unscored = Unscored(outcome, detail)
        self.again, self.after, self.read = again and (after or 0.0) <= _LONGEST_WAIT_S, after, read


class Caller:
    """Calls an endpoint; its client lives in one event loop, so it is opened for each round of calls."""

    def __init__(self, endpoint: Endpoint, limiter: Limiter | None) -> None:
        self._endpoint = endpoint
        self._limiter = limiter
        self._parameters: dict[str, int] = {"max_tokens": endpoint.max_reply_tokens, "temperature": 0}
        self._again = AsyncRetrying(
            stop=stop_after_attempt(endpoint.attempts),
            wait=_wait,
            retry=retry_if_exception(lambda error: isinstance(error, NoReplyError) and error.again),
            reraise=True,
        )

    def client(self) -> openai.AsyncOpenAI:
        """A client to be closed by who asks for it; it follows no redirects, which would carry the answer elsewhere."""
        timeout = httpx2.Timeout(self._endpoint.timeout_s, connect=min(_CONNECT_S, self._endpoint.timeout_s))
        return openai.AsyncOpenAI(
            base_url=self._endpoint.base_url,
            api_key=self._endpoint.api_key or "none",
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False),
        )

    async def call(
        self,
        client: openai.AsyncOpenAI,
        messages: Sequence[Message],
        schema: Mapping[str, Any],  # Any: JSON
    ) -> Completion:
        """A completion.

        Raises:
            NoReplyError: there is none.
            RemoteJudgeError: there will never be one as the endpoint is set up.
        """
        return await self._again.copy()(self._attempt, client, messages, schema)

    async def _attempt(
        self, client: openai.AsyncOpenAI, messages: Sequence[Message], schema: Mapping[str, Any]
    ) -> Completion:
        if self._limiter is not None:
            await self._limiter.try_acquire_async("judge")
        sent = dict(self._parameters)
        body = {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "verdicts", "strict": True, "schema": dict(schema)},
            },
            **sent,
        }
        try:
            with anyio.fail_after(self._endpoint.timeout_s):
                raw = await client.chat.completions.with_raw_response.create(
                    model=self._endpoint.model,
                    messages=messages,  # type: ignore[arg-type]  # dictionaries of the roles that it types one by one
                    extra_body=body,
                )
        except (TimeoutError, openai.APITimeoutError) as error:
            told = f"no whole reply within {self._endpoint.timeout_s:g} s"
            raise NoReplyError(RemoteOutcome.TIMED_OUT, told, read=True) from error
        except openai.APIConnectionError as error:
            raise _unreachable(error) from error
        except openai.APIStatusError as error:
            raise self._refusal(error, sent) from error
        try:
            return Completion.model_validate_json(raw.content)
        except ValidationError as error:
            told = "what the endpoint sent is no chat completion"
            raise NoReplyError(RemoteOutcome.MALFORMED, told, read=True) from error

    def _refusal(self, error: openai.APIStatusError, sent: Mapping[str, int]) -> NoReplyError | RemoteJudgeError:
        """What a reply that is no success means."""
        status = error.status_code
        told = _told(error)
        if status in _SET_UP_WRONG:
            hint = "check GRADER_JUDGE_BASE_URL, GRADER_JUDGE_MODEL and GRADER_JUDGE_API_KEY"
            return RemoteJudgeError(f"{self._endpoint.base_url} refuses {self._endpoint.model}: {told}; {hint}")
        parameter = error.param if isinstance(error.param, str) else None  # an endpoint may send anything
        if status == HTTPStatus.BAD_REQUEST and parameter in sent and parameter in _OTHERWISE:
            self._learn(parameter)
            return NoReplyError(RemoteOutcome.REJECTED, told, again=True, after=0.0)
        if status in _LATER:
            return NoReplyError(RemoteOutcome.BUSY, told, again=True, after=_retry_after(error.response))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return NoReplyError(RemoteOutcome.FAILED, told, again=True, after=_retry_after(error.response))
        return NoReplyError(RemoteOutcome.REJECTED, told)

    def _learn(self, parameter: str) -> None:
        """Call a parameter otherwise from now on; of several calls in flight the first to be told does."""
        value, otherwise = self._parameters.pop(parameter, None), _OTHERWISE[parameter]
        if otherwise is not None and value is not None:
            self._parameters[otherwise] = value


def rate_limiter(per_minute: int | None) -> Limiter | None:
    """What spaces calls; None where nothing does."""
    return None if per_minute is None else Limiter(Rate(per_minute, Duration.MINUTE))


def _unreachable(error: openai.APIConnectionError) -> NoReplyError:
    """A connection that breaks after the question went out may have cost something, and is not paid for twice."""
    cause = error.__cause__
    told = str(cause) or type(cause).__name__
    sent = not isinstance(cause, httpx2.ConnectError)
    return NoReplyError(RemoteOutcome.UNREACHABLE, told, again=not sent, read=sent)


def _told(error: openai.APIStatusError) -> str:
    """The status and, where the endpoint sends one as the protocol has it, its message."""
    message = error.body.get("message") if isinstance(error.body, dict) else None
    told = message if isinstance(message, str) and message else error.response.reason_phrase
    return f"{error.status_code} {plain(told)}".strip()


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds; a date is not understood."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else None


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, NoReplyError) else None
    return _BACKOFF(state) if asked is None else asked
