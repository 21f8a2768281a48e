"""Request bodies, read strictly: what is sent must be what the schema says, to the type.

FastAPI gets the bytes as they came and documents the model; the model reads them in one pass, numbers as numbers, and
in a thread where they are many.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio.to_thread
from fastapi import Body, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, PlainValidator, ValidationError

from grader_api.problems import Kind, ProblemError, fault, faults

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=BaseModel)

_JSON = "application/json"
_LARGE = 8 * 1024  # bytes from which reading a body would hold up the event loop
_MOST_FAULTS = 1000  # of more, none is told: to describe them all would hold up everything else


class RawBody(bytes):
    """A body as it came, and its media type."""

    media_type: str = ""


class _RawRequest(Request):
    async def body(self) -> RawBody:
        raw = RawBody(await super().body())
        raw.media_type = self.headers.get("content-type", "").split(";")[0].strip().lower()
        return raw

    async def json(self) -> RawBody:
        return await self.body()


class RawRoute(APIRoute):
    """A route whose handler gets its body unread."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:  # Any: as FastAPI declares it
        """FastAPI's handler, for a request that does not read JSON."""
        handle = super().get_route_handler()

        async def with_raw_body(request: Request) -> Response:
            return await handle(_RawRequest(request.scope, request.receive))

        return with_raw_body


def documented(model: Any) -> tuple[Any, Any]:  # Any: a type, or a union of types
    """What makes a RawBody parameter the body, documented as a model."""
    return Body(), PlainValidator(_as_raw, json_schema_input_type=model)


async def parse(raw: RawBody, read: Callable[[bytes], T]) -> T:
    """A JSON body by `read`, which raises pydantic's ValidationError.

    Raises:
        ProblemError: it is not JSON, or not what is wanted here.
    """
    require_type(raw, _JSON)
    if len(raw) < _LARGE:
        return told(read, raw)
    return await anyio.to_thread.run_sync(told, read, raw)


def strictly(model: type[ModelT]) -> Callable[[bytes], ModelT]:
    """Reads JSON as a model, without turning one type into another."""
    return lambda raw: model.model_validate_json(raw, strict=True)


def told(read: Callable[[bytes], T], raw: bytes) -> T:
    """What `read` makes of bytes; pydantic's refusal as a problem.

    Raises:
        ProblemError: it refuses them.
    """
    try:
        return read(raw)
    except ValidationError as error:
        raise refusal(error) from error


def refusal(error: ValidationError) -> ProblemError:
    """Pydantic's refusal as a problem."""
    if error.error_count() > _MOST_FAULTS:
        told_all = f"there are {error.error_count():,} faults in it: is it meant for something else?"
        return ProblemError(Kind.INVALID_REQUEST, told_all, errors=[fault("", f"has {error.error_count():,} faults")])
    found = error.errors(include_url=False)
    if found[0]["type"] == "json_invalid":
        return ProblemError(Kind.MALFORMED_JSON, str(found[0]["msg"]))
    listed = faults(found)
    told_first = f"{listed[0].path}: {listed[0].message}" if listed[0].path else listed[0].message
    return ProblemError(Kind.INVALID_REQUEST, told_first, errors=listed)


def require_type(raw: RawBody, *accepted: str) -> None:
    """Refuse a body of another media type.

    Raises:
        ProblemError: it is of another, or of none.
    """
    if raw.media_type not in accepted:
        sent = raw.media_type or "nothing"
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Content-Type says {sent!r}; send {' or '.join(accepted)}")


def _as_raw(value: object) -> RawBody:
    return value if isinstance(value, RawBody) else RawBody()
