"""What a browser's form sends, and whether it was one of our own pages that sent it."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from grader_api.bodies import RawBody
from grader_api.problems import Kind, ProblemError

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_SAFE = {"GET", "HEAD"}


def refuse_foreign(request: Request) -> None:
    """See that a request which changes something comes from our own pages, and not by way of another site.

    The browser itself says where it comes from, so no token is needed (as in Go's net/http CrossOriginProtection):
    by Sec-Fetch-Site, or by Origin where the connection is not encrypted.

    Raises:
        ProblemError: it does not, or does not say.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    ours = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise ProblemError(Kind.FORBIDDEN, "the form was not sent by a page of this service: open the page anew")


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; newlines as one character, as people count them. Of a repeated field the last counts.

    Raises:
        ProblemError: it is not a form.
    """
    sent = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if sent != _FORM:
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Content-Type says {sent[:40]!r}; send {_FORM}")
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:  # UnicodeError is one too
        raise ProblemError(Kind.MALFORMED_REQUEST, "the body is not a form in UTF-8") from error
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def as_json(fields: dict[str, Any]) -> RawBody:  # Any: whatever JSON holds
    """What a form says, as the body that a client of the API would send."""
    raw = RawBody(json.dumps(fields).encode())
    raw.media_type = "application/json"
    return raw


def new_page() -> str:
    """A word that is new for each page that shows a form."""
    return secrets.token_hex(16)


def idempotency_key(page: str, body: bytes) -> str:
    """One key for the same form sent again from the same page: pressed twice, or loaded anew, it is one request."""
    return f"page-{hashlib.sha256(page.encode() + b' ' + body).hexdigest()}"
