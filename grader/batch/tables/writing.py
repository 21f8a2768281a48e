"""A table as a file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.bank.exchange.table import neutral
from grader.batch.tables.delimited import write_delimited
from grader.batch.tables.formats import Format, Shape
from grader.batch.tables.json_lines import write_json_lines
from grader.batch.tables.parquet import write_parquet
from grader.batch.tables.row import Cell, Kind
from grader.batch.tables.spreadsheet import neutralized
from grader.batch.tables.streams import create_text
from grader.batch.tables.xlsx import needed, write_xlsx
from grader.errors import OutputError


def check_writable(form: Format) -> None:
    """Tell before the work what would fail after it.

    Raises:
        ExtraMissing: the format's library is not installed.
    """
    if form.shape is Shape.XLSX:
        needed()


def write_table(
    path: Path,
    form: Format,
    columns: Sequence[str],
    kinds: Mapping[str, Kind],
    rows: Iterable[Mapping[str, Cell]],
) -> None:
    """Write rows, each with cells for some of the columns.

    Args:
        path: written over.
        form: shape and packing. CSV, TSV and XLSX are neutralized (see `spreadsheet`); JSONL and Parquet are raw.
        columns: their order.
        kinds: what columns of Parquet hold; text where it does not say.
        rows: by column.

    Raises:
        ExtraMissing: the format's library is not installed.
        OutputError: it cannot be written.
    """
    try:
        _write(path, form, columns, kinds, iter(rows))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _write(
    path: Path, form: Format, columns: Sequence[str], kinds: Mapping[str, Kind], rows: Iterator[Mapping[str, Cell]]
) -> None:
    safe = {neutral(column): column for column in columns}
    match form.shape:
        case Shape.PARQUET:
            write_parquet(path, columns, kinds, rows)
        case Shape.JSONL:
            with create_text(path, form.packing) as stream:
                write_json_lines(stream, columns, rows)
        case Shape.XLSX:
            write_xlsx(path, list(safe), _renamed(neutralized(rows), safe))
        case Shape.CSV | Shape.TSV:
            with create_text(path, form.packing) as stream:
                delimiter = "\t" if form.shape is Shape.TSV else ","
                write_delimited(stream, delimiter, list(safe), _renamed(neutralized(rows), safe))


def _renamed(rows: Iterable[Mapping[str, Cell]], names: Mapping[str, str]) -> Iterator[Mapping[str, Cell]]:
    for row in rows:
        yield {new: row[old] for new, old in names.items() if old in row}
