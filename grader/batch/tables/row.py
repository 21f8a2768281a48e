"""A table's rows as frozen values."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Cell: TypeAlias = Any  # what JSON can say: text, numbers, true and false, nothing, lists and objects of these
"""One cell's value. CSV and TSV have text only."""

Kind: TypeAlias = Literal["text", "integer", "number", "truth", "texts"]
"""What a column of a typed format (Parquet) holds; `texts` is a list of texts."""

BETWEEN_TEXTS = " ||| "
"""What stands between several texts in one cell of a format without lists."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, counted from 1 (in Parquet, which has no lines, the row), and its cells."""

    line: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that could not be read or used.

    Attributes:
        line: where it begins, as a Row's.
        reason: why.
        column: where one is at fault.
        cells: what could be read of it.
    """

    line: int
    reason: str
    column: str = ""
    cells: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """An open table.

    Attributes:
        columns: as the header names them, in order; empty where each row names its own (JSON lines).
        rows: every row, in order; to be read once, while the table is open.
        kinds: what typed columns hold; a column that is not in it holds text, or anything (JSON lines).
        delimiter: between the cells of a line, where the format has one.
        left_out: sheets of the file that are not read, by their names.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row | RowError]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    delimiter: str | None = None
    left_out: tuple[str, ...] = ()


def as_text(cell: Cell) -> str:
    """A cell as text: nothing as no text, numbers as they are written, texts joined, anything else as JSON."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list) and all(isinstance(part, str) for part in cell):
        return BETWEEN_TEXTS.join(cell)
    return json.dumps(cell, ensure_ascii=False)


def unfit(cell: Cell) -> str | None:
    """Why a cell cannot be written by every format, or None: a lone surrogate, or a number that is none."""
    match cell:
        case str():
            return None if cell.isascii() else _lone_surrogate(cell)
        case float():
            return None if math.isfinite(cell) else f"{cell} is no number"
        case list():
            return next(filter(None, map(unfit, cell)), None)
        case dict():
            return next(filter(None, map(unfit, [*cell, *cell.values()])), None)
    return None


def _lone_surrogate(text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"is not Unicode text: lone surrogate U+{ord(text[error.start]):04X} at character {error.start + 1}"
    return None
