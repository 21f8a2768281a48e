"""XLSX, read and written row by row; the first sheet, its first row naming the columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.batch.tables.row import Cell, Row, RowError, Table, as_text
from grader.errors import ExtraMissing, Fault, OutputError, TableError

_MOST_ROWS = 1_048_576  # of a sheet, with the header (ECMA-376's programs)
_MOST_CHARACTERS = 32_767  # of a cell, in UTF-16
_MOST_DIGITS = 10**15  # an integer from here on loses its last digits in the programs
# ECMA-376 22.9.2.19: a character that XML cannot carry is written _xHHHH_, and so is an underscore that would begin one
_UNCARRIED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_XLSX = (KeyError, ValueError)  # what openpyxl raises of a workbook that lacks parts or has them wrong


@contextmanager
def open_xlsx(path: Path) -> Iterator[Table]:
    """The first sheet of a workbook as a table; dates come as text.

    Raises:
        ExtraMissing: openpyxl is not installed.
        TableError: it is no workbook, or its first row names no columns.
        FOREIGN: it cannot be read (see `foreign`).
    """
    openpyxl = _library()
    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (*_NO_XLSX, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise TableError([Fault(str(path), None, "", f"is no XLSX workbook: {error}")]) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is not None:
            sheet.reset_dimensions()  # programs write them wrong: what lies beyond would not be read
        found = iter(()) if sheet is None else sheet.iter_rows()
        header = _trimmed([as_text(_value(cell)) for cell in next(found, ())])
        if not any(header):
            raise TableError([Fault(str(path), None, "", "is empty: the first row names the columns")])
        left = tuple(other.title for other in book.worksheets[1:])
        yield Table(tuple(header), _rows(_told(found, path), header), left_out=left)
    finally:
        book.close()


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterator[Mapping[str, Cell]]) -> None:
    """Write rows to the one sheet of a new workbook.

    A text that is too long for a cell is left out, and the row's `error` says so.

    Raises:
        ExtraMissing: openpyxl is not installed.
        OutputError: there are more rows than a sheet holds.
    """
    openpyxl = _library()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("grades")
    sheet.append([_cell(openpyxl, sheet, column) for column in columns])
    for number, row in enumerate(rows, start=2):
        if number > _MOST_ROWS:
            raise OutputError(
                f"{path}: a sheet holds {_MOST_ROWS:,} rows and there are more: write CSV, JSONL or Parquet"
            )
        sheet.append([_cell(openpyxl, sheet, _fitting(row).get(column)) for column in columns])
    book.save(path)


def needed() -> None:
    """Raise ExtraMissing where the library is not installed."""
    _library()


def _library() -> Any:
    try:
        import openpyxl  # noqa: PLC0415 (an extra)
        import openpyxl.utils.exceptions  # noqa: PLC0415 (the same)
    except ModuleNotFoundError as error:
        raise ExtraMissing("openpyxl", "batch") from error
    return openpyxl


def _told(found: Iterator[Sequence[Any]], path: Path) -> Iterator[Sequence[Any]]:
    while True:
        try:
            cells = next(found)
        except StopIteration:
            return
        except _NO_XLSX as error:
            raise TableError([Fault(str(path), None, "", f"is no XLSX workbook: {error}")]) from error
        yield cells


def _rows(found: Iterator[Sequence[Any]], header: Sequence[str]) -> Iterator[Row | RowError]:
    for number, cells in enumerate(found, start=2):
        values = [_value(cell) for cell in cells]
        if all(value is None for value in values):
            continue
        beyond = [value for value in values[len(header) :] if value is not None]
        formula = next((place for place, cell in enumerate(cells[: len(header)]) if cell.data_type == "f"), None)
        if beyond:
            yield RowError(number, f"has {len(_trimmed(values))} cells, but the header names {len(header)} columns")
        elif formula is not None:
            yield RowError(number, "holds a formula; save the sheet with values", header[formula])
        else:
            padded = [*values, *[None] * len(header)]
            yield Row(number, dict(zip(header, padded, strict=False)))


def _value(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return value if value is None or isinstance(value, int | float) else str(value)


def _trimmed(values: Sequence[Cell]) -> list[Cell]:
    """Without the empty cells at the end."""
    last = max((place for place, value in enumerate(values) if value not in {None, ""}), default=-1)
    return list(values[: last + 1])


def _fitting(row: Mapping[str, Cell]) -> Mapping[str, Cell]:
    long = {
        name: len(cell)
        for name, cell in row.items()
        if isinstance(cell, str) and len(_carried(cell).encode("utf-16-le")) // 2 > _MOST_CHARACTERS
    }
    if not long:
        return row
    told = [
        f"{name}: {size:,} characters are more than a cell of XLSX holds; left out here" for name, size in long.items()
    ]
    return {**row, **dict.fromkeys(long), "error": "; ".join([*filter(None, [row.get("error")]), *told])}


def _carried(text: str) -> str:
    return _UNCARRIED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _cell(openpyxl: Any, sheet: Any, value: Cell) -> Any:
    """A cell that holds a number or a truth as such and everything else as text, whatever it looks like.

    An integer of more digits than the programs keep, as an id may be, is text too.
    """
    if value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < _MOST_DIGITS):
        return value
    cell = openpyxl.cell.WriteOnlyCell(sheet)
    cell.value = _carried(as_text(value))
    cell.data_type = "s"
    return cell
