"""What spreadsheet programs make of cells, and how ours come through unharmed.

A cell that a program would take for a formula, because it begins with `= + - @`, a tab or a carriage return, gets an
apostrophe in front; so does one that has apostrophes and then such a sign, so that exactly one is taken away again when
a table that we wrote is read (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from grader.bank.exchange.table import neutral, restored
from grader.batch.tables.row import Cell, Row, RowError, Table, as_text


def neutralized(rows: Iterable[Mapping[str, Cell]]) -> Iterator[dict[str, Cell]]:
    """Rows whose texts no spreadsheet program takes for formulas."""
    for row in rows:
        yield {name: neutral(as_text(cell)) if _is_text(cell) else cell for name, cell in row.items()}


def as_written(table: Table) -> Table:
    """A table that we wrote, as it was before it was neutralized."""
    return replace(table, columns=tuple(map(restored, table.columns)), rows=_restored(table.rows))


def _restored(rows: Iterable[Row | RowError]) -> Iterator[Row | RowError]:
    for row in rows:
        yield row if isinstance(row, RowError) else Row(row.line, {restored(n): _back(c) for n, c in row.cells.items()})


def _back(cell: Cell) -> Cell:
    return restored(cell) if isinstance(cell, str) else cell


def _is_text(cell: Cell) -> bool:
    return isinstance(cell, str | list | dict)
