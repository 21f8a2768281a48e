"""CSV and TSV (RFC 4180), read by the standard library's strict reader, a record at a time.

A record that is not well-formed, above all one with a quote that is never closed, does not swallow what follows: it is
told by the line it begins on, and reading goes on at the next line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

from grader.batch.tables.row import Cell, Row, RowError, Table, as_text
from grader.errors import Fault, TableError

DELIMITERS = ",;\t|"
"""What may stand between cells, the likelier first."""

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LONGEST_RECORD = 1_000_000  # characters: ten times the longest answer by default; more is a quote left open
_HEADER_LINES = 100_000  # characters of the beginning that a delimiter is told from
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")

Known = Callable[[Sequence[str]], int]
"""How many of these names of columns mean something to us: what tells a delimiter."""


def delimiter_name(delimiter: str) -> str:
    """A delimiter in a word."""
    return _NAMES.get(delimiter, repr(delimiter))


def read_delimited(stream: TextIO, source: str, delimiter: str | None, known: Known) -> Table:
    """A table from text whose first record is the header.

    Args:
        stream: opened with its line ends as they are (`newline=""`) and bytes that are no text as lone surrogates.
        source: how to call it in errors.
        delimiter: None tells it from the header.
        known: tells one delimiter from another where several would do.

    Raises:
        TableError: there is no header, it is not well-formed, or it names a column twice.
    """
    lines = _Lines(stream)
    used = delimiter or _sniffed(lines.ahead(_HEADER_LINES), known)
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_RECORD))
    reader = csv.reader(lines, delimiter=used, strict=True)
    header = _header(reader, source)
    return Table(tuple(header[: _named(header)]), _rows(reader, lines, header, used), delimiter=used)


def write_delimited(stream: TextIO, delimiter: str, columns: Sequence[str], rows: Iterator[Mapping[str, Cell]]) -> None:
    """Write rows with a header; records end with CR LF, so that a cell with either is quoted."""
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([as_text(row.get(column)) for column in columns] for row in rows)


class _Lines:
    """The physical lines of a text; those of the record in hand can be read again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[str] = deque()
        self._record: list[str] = []
        self._size = 0
        self.begun = 1  # the line on which the record in hand begins

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > _LONGEST_RECORD:
            raise csv.Error(f"more than {_LONGEST_RECORD:,} characters")
        line = self._waiting.popleft() if self._waiting else next(self._stream)
        self._record.append(line)
        self._size += len(line)
        return line

    def ahead(self, size: int) -> str:
        """The beginning of the text, in whole lines of about so many characters; to be read still."""
        told = 0
        for line in self._stream:
            self._waiting.append(line)
            told += len(line)
            if told >= size:
                break
        return "".join(self._waiting)

    def accept(self) -> None:
        """The record in hand is read; the next line begins another."""
        self.begun += len(self._record)
        self._record.clear()
        self._size = 0

    def give_up(self) -> None:
        """Of the record in hand only the first line is read; its other lines come again."""
        self._waiting.extendleft(reversed(self._record[1:]))
        del self._record[1:]
        self.accept()


def _sniffed(beginning: str, known: Known) -> str:
    """The delimiter by which the header names the most columns that are known, and the most columns."""

    def told(delimiter: str) -> tuple[int, int]:
        try:
            header = next(csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return known(header), len(header)

    return max(DELIMITERS, key=told)


def _header(reader: Iterator[list[str]], source: str) -> list[str]:
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise TableError([Fault(source, 1, "", f"the header is not well-formed: {error}")]) from error
    if not any(header):
        raise TableError([Fault(source, None, "", "is empty: the first line names the columns")])
    for name in header:
        if _ESCAPED_BYTE.search(name):
            raise TableError([Fault(source, 1, "", f"the header is not UTF-8 ({_byte(name)}); {_NAME_IT}")])
    return header


def _named(header: Sequence[str]) -> int:
    """How many columns there are without several at the end that nobody named: spreadsheet programs write such."""
    if header.count("") < 2:  # one may have no name
        return len(header)
    return max(place for place, name in enumerate(header, start=1) if name)


def _rows(
    reader: Iterator[list[str]], lines: _Lines, header: Sequence[str], delimiter: str
) -> Iterator[Row | RowError]:
    lines.accept()
    named = _named(header)
    while True:
        begun = lines.begun
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_up()
            yield RowError(begun, f"{error}; the row that begins here is not well-formed: look for an unclosed quote")
            continue
        lines.accept()
        if cells:
            yield _row(begun, header, named, cells, delimiter)


def _row(line: int, header: Sequence[str], named: int, cells: list[str], delimiter: str) -> Row | RowError:
    if len(cells) != len(header):
        has = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        reason = f"has {has}, but the header names {len(header)} columns; quote cells that hold a"
        return RowError(line, f"{reason} {delimiter_name(delimiter)}, a quote or a line end")
    for name, cell in zip(header, cells, strict=True):
        if not cell.isascii() and _ESCAPED_BYTE.search(cell):
            return RowError(line, f"is not UTF-8 ({_byte(cell)}); {_NAME_IT}", name)
    if any(cells[named:]):
        return RowError(line, "has a cell in a column that the header does not name")
    return Row(line, dict(zip(header[:named], cells, strict=False)))


_NAME_IT = "if the file is in another encoding, name it: --encoding cp1252"


def _byte(text: str) -> str:
    found = _ESCAPED_BYTE.search(text)
    return "" if found is None else f"byte 0x{ord(found[0]) - 0xDC00:02X}"
