"""A table of which every row must do: none of them is read past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from grader.batch.asking import ask
from grader.batch.columns import match_columns
from grader.batch.job import Source
from grader.batch.survey import Survey
from grader.batch.tables.reading import open_table
from grader.batch.tables.row import Row, RowError
from grader.errors import Fault, TableError

_TOLD = 1000  # rows at fault


def refuse_faults(source: Source, found: Survey) -> None:
    """See that every row within the limit can be read and asked; whether a bank has its question is not looked up.

    Raises:
        TableError: some cannot, with the first thousand of them; or the table cannot be read to its end.
    """
    columns = match_columns(found.columns, source.mapping, source.name)
    with open_table(source.path, source.layout, source.name) as table:
        wrong = _wrong(islice(table.rows, source.choice.limit), columns)
        faults = [Fault(source.name, one.line, one.column, one.reason) for one in islice(wrong, _TOLD)]
    if faults:
        raise TableError(faults)


def _wrong(rows: Iterable[Row | RowError], columns: Mapping[str, str]) -> Iterator[RowError]:
    for row in rows:
        asked = ask(row, columns) if isinstance(row, Row) else row
        if isinstance(asked, RowError):
            yield asked
