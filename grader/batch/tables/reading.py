"""A file as a table, whatever its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.tables import delimited, json_lines, parquet, xlsx
from grader.batch.tables.foreign import FOREIGN, told, translated
from grader.batch.tables.formats import Format, Shape
from grader.batch.tables.row import Row, RowError, Table, unfit
from grader.batch.tables.spreadsheet import as_written
from grader.batch.tables.streams import open_text
from grader.errors import Fault, TableError


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read.

    Attributes:
        format: its shape and packing.
        encoding: of text without a byte order mark; None is UTF-8.
        delimiter: of CSV; None tells it from the header.
        known: names of columns that mean something to us, in lower case.
        ours: the columns that we add to tables: one that has them all was written by us, and is restored.
    """

    format: Format
    encoding: str | None = None
    delimiter: str | None = None
    known: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()


@contextmanager
def open_table(path: Path, layout: Layout, source: str | None = None) -> Iterator[Table]:
    """Open a table; its rows are read as they are asked for.

    Args:
        path: a file that can be read more than once.
        layout: how to read it.
        source: how to call it in errors; its path by default.

    Raises:
        TableError: the file cannot be read, is not of its format, or names no columns or one twice; also while rows are
            read, where all that follows is lost (a packed file that is cut off).
        ExtraMissing: the format's library is not installed.
    """
    name = source or str(path)
    with ExitStack() as opened:
        try:
            table = opened.enter_context(_opened(path, layout, name))
        except FOREIGN as error:
            raise told(error, name) from error
        if layout.format.shape.is_spreadsheet and layout.ours and layout.ours <= set(table.columns):
            table = as_written(table)
        _refuse_repeats(table.columns, name)
        yield replace(table, rows=_sound(translated(table.rows, name)))


@contextmanager
def _opened(path: Path, layout: Layout, source: str) -> Iterator[Table]:
    match layout.format.shape:
        case Shape.PARQUET:
            with parquet.open_parquet(path) as table:
                yield table
        case Shape.XLSX:
            with xlsx.open_xlsx(path) as table:
                yield table
        case Shape.JSONL:
            with open_text(path, layout.format.packing, layout.encoding) as stream:
                yield json_lines.read_json_lines(stream)
        case Shape.CSV | Shape.TSV:
            delimiter = layout.delimiter or ("\t" if layout.format.shape is Shape.TSV else None)
            with open_text(path, layout.format.packing, layout.encoding) as stream:
                yield delimited.read_delimited(stream, source, delimiter, _counts(layout.known))


def _counts(known: frozenset[str]) -> delimited.Known:
    return lambda names: sum(name.strip().casefold() in known for name in names)


def _refuse_repeats(columns: Iterable[str], source: str) -> None:
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    if repeated:
        raise TableError(
            [Fault(source, 1, name or "(no name)", "stands more than once in the header") for name in repeated]
        )


def _sound(rows: Iterable[Row | RowError]) -> Iterator[Row | RowError]:
    """The rows, those with a cell that not every format can carry as errors."""
    for row in rows:
        yield row if isinstance(row, RowError) else _checked(row)


def _checked(row: Row) -> Row | RowError:
    for name, cell in row.cells.items():
        if why := unfit(name) or unfit(cell):
            return RowError(row.line, why, name if unfit(name) is None else "")
    return row
