"""Tables as they lie in files: CSV, TSV, JSON lines and Parquet, each row a record of text cells with its line.

Cells come through as they were written: `NA`, `null` and `007` stay those five, four and three characters.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pyarrow
import pyarrow.parquet

from grader.errors import DatasetError, Fault

BETWEEN_REFERENCES = " ||| "
"""What stands between several references in one cell."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line it begins on, counted from 1 (in Parquet, which has no lines, the row), and its cells."""

    line: int
    cells: Mapping[str, str]


def read_records(path: Path) -> list[Record]:
    """Every row of a table; the format is told by the file's ending.

    Raises:
        DatasetError: the file cannot be read, is no table of its format, or holds no rows; with the line.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        _refuse(path, None, f"{path.suffix or 'no ending'} is none of {', '.join(_READERS)}")
    try:
        records = list(reader(path))
    except OSError as error:
        _refuse(path, None, error.strerror or str(error))
    except UnicodeDecodeError as error:
        _refuse(path, None, f"is not UTF-8 (byte {error.start} of what was being read); save it as UTF-8")
    if not records:
        _refuse(path, None, "there are no rows")
    return records


def _refuse(path: Path, line: int | None, reason: str, column: str = "") -> NoReturn:
    raise DatasetError([Fault(str(path), line, column, reason)])


def _read_comma(path: Path) -> Iterator[Record]:
    return _read_delimited(path, ",")


def _read_tab(path: Path) -> Iterator[Record]:
    return _read_delimited(path, "\t")


def _read_delimited(path: Path, delimiter: str) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        begun = 1
        try:
            header = next(reader, [])
            _check_header(path, header)
            begun = reader.line_num + 1
            for cells in reader:
                if cells:
                    _check_width(path, begun, header, cells)
                    yield Record(begun, dict(zip(header, cells, strict=True)))
                begun = reader.line_num + 1
        except csv.Error as error:
            _refuse(path, begun, f"{error}; the row that begins here is not well-formed: look for an unclosed quote")


def _check_header(path: Path, header: list[str]) -> None:
    if not any(header):
        _refuse(path, None, "is empty: the first line names the columns")
    for name in header:
        if header.count(name) > 1:
            _refuse(path, 1, "stands more than once in the header", name or "(a column without a name)")


def _check_width(path: Path, line: int, header: list[str], cells: list[str]) -> None:
    if len(cells) != len(header):
        reason = (
            f"has {len(cells)} cells, but the header names {len(header)} columns; quote cells that hold the delimiter"
        )
        _refuse(path, line, reason)


def _read_lines(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig") as stream:
        for line, text in enumerate(stream, start=1):
            if text.strip():
                yield Record(line, _cells(path, line, _json_object(path, line, text)))


def _json_object(path: Path, line: int, text: str) -> dict[str, object]:
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(path, line, f"is not JSON: {error.msg} (column {error.colno})")
    if not isinstance(row, dict):
        _refuse(path, line, "is not a JSON object: one object a line")
    return row


def _read_parquet(path: Path) -> Iterator[Record]:
    try:
        with path.open("rb") as stream:
            table = pyarrow.parquet.read_table(stream)
    except pyarrow.ArrowInvalid as error:
        _refuse(path, None, f"is not Parquet: {str(error).splitlines()[0]}")
    for number, row in enumerate(table.to_pylist(), start=1):
        yield Record(number, _cells(path, number, row))


def _cells(path: Path, line: int, row: Mapping[str, object]) -> dict[str, str]:
    return {name: _cell(path, line, name, value) for name, value in row.items()}


def _cell(path: Path, line: int, column: str, value: object) -> str:
    """A value as its cell: numbers as they are written, nothing as an empty cell, a list of texts as references."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return BETWEEN_REFERENCES.join(value)
    _refuse(path, line, f"holds a {type(value).__name__}; text, a number or a list of texts is wanted", column)


_READERS: Mapping[str, Callable[[Path], Iterator[Record]]] = {
    ".csv": _read_comma,
    ".tsv": _read_tab,
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".parquet": _read_parquet,
}
