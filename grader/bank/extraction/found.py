"""What is found in a document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A question and its answer, where they stand, and why a person should look.

    `number` is the document's own, or the place among its questions if it has none; `first` and `last` are its lines,
    counted from 1.
    """

    number: int
    question: str
    answer: str
    first: int
    last: int
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that nothing answers; `line` counts from 1."""

    number: int
    question: str
    line: int


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a document holds."""

    found: tuple[Found, ...]
    unanswered: tuple[Unanswered, ...] = ()
