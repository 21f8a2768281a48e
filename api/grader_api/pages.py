"""Cursors: opaque to clients, a number to us."""

from __future__ import annotations

import base64
import binascii

from grader_api.problems import Kind, ProblemError, fault

_LARGEST = 2**63 - 1


def to_cursor(kind: str, place: int) -> str:
    """A cursor of one kind of list."""
    return base64.urlsafe_b64encode(f"{kind}:{place}".encode()).decode().rstrip("=")


def from_cursor(kind: str, cursor: str | None) -> int | None:
    """The place that a cursor means; None for the beginning.

    Raises:
        ProblemError: it is not a cursor of this kind of list.
    """
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError):
        text = ""
    name, _, place = text.partition(":")
    if name != kind or not place.isdecimal() or not 0 <= int(place[:20]) <= _LARGEST:
        raise ProblemError(
            Kind.INVALID_CURSOR, "the cursor is not one of this list", errors=[fault("cursor", "is not known", cursor)]
        )
    return int(place[:20])
