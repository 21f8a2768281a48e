"""Cursors: opaque to clients, a number to us."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel

from grader_api.problems import Kind, ProblemError, fault

ItemT_co = TypeVar("ItemT_co", covariant=True)
FiltersT = TypeVar("FiltersT", bound=BaseModel)

_LARGEST = 2**63 - 1


class Page(Protocol[ItemT_co]):
    """A page of a list; `next_cursor` asks for the following one."""

    @property
    def items(self) -> Sequence[ItemT_co]:
        """What it holds."""
        ...

    @property
    def next_cursor(self) -> str | None:
        """None on the last."""
        ...


def follow(ask: Callable[[FiltersT], Page[ItemT_co]], filters: FiltersT) -> Iterator[ItemT_co]:
    """Every item of a list, page by page, from the filters' own cursor on."""
    while True:
        page = ask(filters)
        yield from page.items
        if page.next_cursor is None:
            return
        filters = filters.model_copy(update={"cursor": page.next_cursor})


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
