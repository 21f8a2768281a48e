"""What a reference states, piece by piece: clauses of its prose, rows of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from grader.bank.draft import stating_spans
from grader.text.normalize import Span, normalize
from grader.text.reading import read

_CELL = " | "
_ITEM = re.compile(r"\s*(?:[-*+•]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s")
_TITLE_WORDS = 6
_LAST_WORDS = 4
_LAST_ITEM = re.compile(r"(?:and|or)\b", re.IGNORECASE)
_ITEM_BEFORE = re.compile(r",(?:\s+\w[^\s,]*){1,3}[\s,]*$")  # three words or fewer behind a comma
_STATES = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|may|might|must|do|does|did|should)\b", re.IGNORECASE
)


def statements(reference: str) -> list[str]:
    """The pieces of a reference, in order, each on one line; at least one.

    A row of a table states each cell under its column's heading: `Cost: new: low; old: high`. What only introduces a
    list, by a colon or as its title, states nothing, unless there is nothing else.
    """
    text = _untitled(normalize(reference).text.split("\n"))
    pieces: list[str] = []
    for is_table, group in groupby(text.split("\n"), key=lambda line: _CELL in line):
        lines = list(group)
        pieces.extend(_rows(lines) if is_table else _clauses("\n".join(lines)))
    stating = [piece for piece in _with_formulas(pieces) if not piece.endswith(":")]
    return stating or pieces or [" ".join(text.split())]


def _rows(lines: list[str]) -> Iterator[str]:
    rows = [[cell.strip() for cell in line.split(_CELL)] for line in lines]
    head = rows[0]
    if len(rows) == 1 or len(head) < 2:
        yield from (_CELL.join(row) for row in rows)
        return
    for row in rows[1:]:
        if len(row) == len(head) == 2:
            yield "; ".join(f"{name}: {cell}" for name, cell in zip(head, row, strict=True))
        elif 2 <= len(row) <= len(head):  # empty cells at the end of a row are not written
            yield f"{row[0]}: " + "; ".join(f"{name}: {cell}" for name, cell in zip(head[1:], row[1:], strict=False))
        else:
            yield _CELL.join(row)


def _with_formulas(pieces: list[str]) -> list[str]:
    """The pieces, with a formula that stands alone put behind what it says in signs."""
    joined: list[str] = []
    for piece in pieces:
        if joined and piece.startswith("$") and piece.endswith("$"):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined


def _clauses(text: str) -> Iterator[str]:
    reading = read(text)
    spans: list[Span] = []
    for span in stating_spans(reading):
        if spans and _ends_enumeration(reading.text, spans[-1], span):
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            spans.append(span)
    for span in spans:
        yield " ".join(reading.text[span.start : span.end].split())


def _ends_enumeration(text: str, before: Span, span: Span) -> bool:
    """Whether a piece is the last of several things that the piece before it names: `text, voice` and `and video`."""
    piece = text[span.start : span.end]
    last = bool(_LAST_ITEM.match(piece)) and len(piece.split()) <= _LAST_WORDS + 1 and not _STATES.search(piece)
    return last and bool(_ITEM_BEFORE.search(text, before.start, span.start))


def _untitled(lines: Sequence[str]) -> str:
    return "\n".join(line for place, line in enumerate(lines) if not _is_title(lines, place))


def _is_title(lines: Sequence[str], place: int) -> bool:
    """Whether a line is a few words without an end, on their own above a list."""
    line = lines[place].strip()
    alone = not place or not lines[place - 1].strip()
    if not line or not alone or line[-1] in ".!?:;,$" or len(line.split()) > _TITLE_WORDS or _ITEM.match(line):
        return False
    below = next((other for other in lines[place + 1 :] if other.strip()), "")
    return bool(_ITEM.match(below))
