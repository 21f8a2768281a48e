"""Several references in one text: between two of them stands a line of three dashes.

A line of a reference that would be taken for one gets a dash more, and loses it again on reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.bank.exchange.characters import carried

_DASHES = re.compile(r"^([ \t]*)-(--+[ \t]*)$", re.MULTILINE)
_SEPARATOR = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
_STUFFED = re.compile(r"^([ \t]*)--(--+[ \t]*)$", re.MULTILINE)


def join_references(references: Iterable[str]) -> str:
    """The references as one text."""
    return "\n\n---\n\n".join(_DASHES.sub(r"\1--\2", carried(reference)) for reference in references)


def split_references(text: str) -> list[str]:
    """The references of a text, those without content left out."""
    parts = (_STUFFED.sub(r"\1-\2", part).strip() for part in _SEPARATOR.split(carried(text)))
    return [part for part in parts if part]
