"""What goes wrong, told as RFC 9457 problem documents with stable types.

The table of types in api/README.md is this one; a test holds them equal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from grader.bank.question import MisplacedError, dotted
from grader_api.errors import QueueFull, ServiceError

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:answer-grader:problem:"
_MOST_FAULTS = 100  # what is told of a body that is faulty everywhere


class Kind(Enum):
    """The types of problems: name, status and title."""

    MALFORMED_REQUEST = "malformed-request", 400, "The request cannot be read"
    MALFORMED_JSON = "malformed-json", 400, "The body is not JSON"
    UNAUTHENTICATED = "unauthenticated", 401, "A valid API key is needed"
    FORBIDDEN = "forbidden", 403, "The key does not allow this"
    NOT_FOUND = "not-found", 404, "There is nothing here"
    UNKNOWN_QUESTION = "unknown-question", 404, "No bank holds this question"
    UNKNOWN_BANK = "unknown-bank", 404, "There is no such bank"
    UNKNOWN_GRADE = "unknown-grade", 404, "There is no such grade"
    UNKNOWN_CANDIDATE = "unknown-candidate", 404, "There is no such candidate"
    UNKNOWN_KEY = "unknown-key", 404, "There is no such key"
    UNKNOWN_BATCH = "unknown-batch", 404, "There is no such batch"
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "The method is not allowed here"
    SLOW_REQUEST = "slow-request", 408, "The request took too long to arrive"
    READ_ONLY_BANK = "read-only-bank", 409, "The bank comes with the service and cannot be changed"
    QUESTION_TAKEN = "question-taken", 409, "Another bank has a question of this id"
    CHANGED = "changed-meanwhile", 409, "What the request is about has changed in the meantime"
    BATCH_UNFINISHED = "batch-unfinished", 409, "The batch has not ended yet"
    BATCH_ENDED = "batch-ended", 409, "The batch has ended"
    IN_FLIGHT = "in-flight", 409, "A request with this idempotency key is being worked on"
    BODY_TOO_LARGE = "body-too-large", 413, "The body is too large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", 415, "The body is of a type that is not understood here"
    INVALID_REQUEST = "invalid-request", 422, "The request has faults"
    INVALID_BANK = "invalid-bank", 422, "The bank has faults"
    INVALID_CURSOR = "invalid-cursor", 422, "The cursor is not one of this list"
    ANSWER_TOO_LONG = "answer-too-long", 422, "The answer is too long"
    UNGRADABLE = "ungradable", 422, "The answer cannot be graded"
    JSON_TOO_DEEP = "json-too-deep", 422, "The body is nested too deep"
    TOO_MANY_ANSWERS = "too-many-answers", 422, "There are too many answers in one call"
    KEY_REUSED = "idempotency-key-reused", 422, "The idempotency key belongs to another request"
    RATE_LIMITED = "rate-limited", 429, "The key has made too many requests"
    QUEUE_FULL = "queue-full", 429, "Too many answers wait to be graded"
    INTERNAL = "internal", 500, "Something went wrong in the service"
    UNAVAILABLE = "unavailable", 503, "The service cannot work on this now"
    TIMED_OUT = "timed-out", 503, "The request took too long"

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug, self.status, self.title = slug, status, title

    @property
    def uri(self) -> str:
        """The `type` of its documents."""
        return _PREFIX + self.slug


class FaultOut(BaseModel):
    """One fault: where (a path into the body, or the name of a parameter), what, and the value where it is short."""

    model_config = ConfigDict(frozen=True)

    path: str
    message: str
    value: str | None = None
    line: int | None = None


class ProblemOut(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="A stable identifier of the kind of problem.")
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: tuple[FaultOut, ...] = ()
    nearest: tuple[str, ...] = Field(default=(), description="Known ids that are like the one asked for.")


class ProblemError(ServiceError):
    """A problem on its way to the client; `headers` go with it. Of many faults only the first are told."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[FaultOut] = (),
        nearest: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors, self.nearest = kind, detail, _first(errors), tuple(nearest)
        self.headers = dict(headers or {})

    def document(self, request_id: str | None = None) -> ProblemOut:
        """What the client reads."""
        return ProblemOut(
            type=self.kind.uri,
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            request_id=request_id,
            errors=self.errors,
            nearest=self.nearest,
        )


def queue_full(error: QueueFull) -> ProblemError:
    """A refusal because too many answers wait."""
    wait = str(max(1, math.ceil(error.retry_after)))
    return ProblemError(Kind.QUEUE_FULL, "try again later", headers={"retry-after": wait})


def _first(errors: Sequence[FaultOut]) -> tuple[FaultOut, ...]:
    if len(errors) <= _MOST_FAULTS:
        return tuple(errors)
    told = errors[: _MOST_FAULTS - 1]
    return (*told, FaultOut(path="", message=f"{len(errors) - len(told):,} more faults are not told"))


def fault(path: str, message: str, value: Any = None) -> FaultOut:  # Any: whatever a client sent
    """A fault; the value is shown where it is a short word or number."""
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    shown = str(value) if plain and len(str(value)) <= 100 else None
    return FaultOut(path=path, message=message, value=shown)


def faults(errors: Sequence[Mapping[str, Any]]) -> list[FaultOut]:  # Any: pydantic's ErrorDetails
    """Pydantic's errors as faults. The first part of a place (`body`, `query`) is left out."""
    return [_fault_of(error) for error in errors]


def _fault_of(error: Mapping[str, Any]) -> FaultOut:
    place = tuple(part for part in error["loc"] if part not in {"body", "query", "path", "header"})
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, MisplacedError):
        return fault(dotted(place + cause.place), cause.reason)
    return fault(dotted(place), str(error["msg"]).removeprefix("Value error, "), error.get("input"))
