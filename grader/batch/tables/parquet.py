"""Parquet, read and written a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyarrow import types

from grader.batch.tables.row import Cell, Kind, Row, RowError, Table, as_text

_AT_ONCE = 4096  # rows in memory together

_TYPES: Mapping[Kind, pyarrow.DataType] = {
    "text": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
    "truth": pyarrow.bool_(),
    "texts": pyarrow.list_(pyarrow.string()),
}


@contextmanager
def open_parquet(path: Path) -> Iterator[Table]:
    """A Parquet file as a table; dates and decimals come as text.

    Raises:
        FOREIGN: it cannot be read, or is not Parquet (see `foreign`).
    """
    with pyarrow.parquet.ParquetFile(path) as file:
        kinds = {field.name: kind for field in file.schema_arrow if (kind := _kind(field.type))}
        yield Table(tuple(file.schema_arrow.names), _rows(file), kinds)


def write_parquet(
    path: Path, columns: Sequence[str], kinds: Mapping[str, Kind], rows: Iterator[Mapping[str, Cell]]
) -> None:
    """Write rows; a column of no named kind is text."""
    schema = pyarrow.schema([(column, _TYPES[kinds.get(column, "text")]) for column in columns])
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while part := list(islice(rows, _AT_ONCE)):
            arrays = [
                pyarrow.array([_fit(row.get(column), kinds.get(column, "text")) for row in part], type_)
                for column, type_ in zip(columns, schema.types, strict=True)
            ]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


def _fit(cell: Cell, kind: Kind) -> Cell:
    return as_text(cell) if kind == "text" and cell is not None else cell


def _kind(of: pyarrow.DataType) -> Kind | None:
    if types.is_signed_integer(of) or (types.is_unsigned_integer(of) and of.bit_width < 64):
        return "integer"
    if types.is_floating(of):
        return "number"
    if types.is_boolean(of):
        return "truth"
    if types.is_list(of) and _is_text(of.value_type):
        return "texts"
    return None


def _is_text(of: pyarrow.DataType) -> bool:
    return bool(types.is_string(of) or types.is_large_string(of))


def _rows(file: pyarrow.parquet.ParquetFile) -> Iterator[Row | RowError]:
    number = 0
    for batch in file.iter_batches(batch_size=_AT_ONCE):
        for cells in batch.to_pylist():
            number += 1
            yield _row(number, cells)


def _row(number: int, cells: Mapping[str, object]) -> Row | RowError:
    plain: dict[str, Cell] = {}
    for name, value in cells.items():
        try:
            plain[name] = _plain(value)
        except TypeError as error:
            return RowError(number, str(error), name)
    return Row(number, plain)


def _plain(value: object) -> Cell:
    """A value as JSON can say it: dates, decimals and the like as text, within lists too.

    Raises:
        TypeError: it holds bytes.
    """
    match value:
        case None | str() | int() | float():
            return value
        case bytes():
            raise TypeError("holds bytes; text is wanted")
        case list() | tuple():
            return [_plain(part) for part in value]
        case dict():
            return {str(name): _plain(part) for name, part in value.items()}
    return str(value)
