"""What a reference states, piece by piece: clauses of its prose, rows of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from grader.bank.draft import stating_spans
from grader.text.normalize import normalize
from grader.text.reading import read

_CELL = " | "


def statements(reference: str) -> list[str]:
    """The pieces of a reference, in order, each on one line; at least one.

    A row of a table states each cell under its column's heading: `Cost: new: low; old: high`. What only introduces a
    list, and ends in a colon, states nothing, unless there is nothing else.
    """
    text = normalize(reference).text
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
    for span in stating_spans(reading):
        yield " ".join(reading.text[span.start : span.end].split())
