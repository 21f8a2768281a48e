"""A batch's table read: from the pieces that came, row by row into the database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from grader.batch.columns import match_columns
from grader.batch.job import Source
from grader.batch.strict import refuse_faults
from grader.batch.survey import Choice, Survey, chosen_count, chosen_rows, survey
from grader.batch.tables.row import Row, RowError, as_text
from grader.errors import ExtraMissing, Fault, TableError
from grader_api.batches.plan import Found, Plan
from grader_api.store.batches import (
    BatchRow,
    TableRow,
    add_rows,
    all_rows_kept,
    count_rows,
    dumped_fault,
    fail,
    find_piece,
)
from grader_api.store.database import Database

_TOGETHER = 1000  # rows kept in one transaction, for which other writers wait


def read_batch(database: Database, batch: BatchRow, most: int, check: Callable[[], None]) -> None:
    """Read a batch's table into rows, going on behind those that are kept; a table that cannot be read ends the batch.

    Args:
        database: where it lies.
        batch: the batch.
        most: the most rows that it may have.
        check: called now and then; what it raises passes through.
    """
    plan = Plan.model_validate_json(batch.plan)
    with tempfile.TemporaryDirectory(prefix="grader-batch-") as folder:
        source = plan.source(Path(folder) / "table")
        _fetch(database, batch.id, source.path)
        try:
            found = survey(source.path, source.layout, source.name, _looked_at(source.choice, most))
            columns = match_columns(found.columns, source.mapping, source.name)
            count = chosen_count(source.choice, found.rows)
            _refuse_too_many(source, count, most)
            if plan.strict:
                refuse_faults(source, found)
            for rows in _pieces(database, batch.id, source, found, columns):
                check()
                with database.write() as connection:
                    if not add_rows(connection, batch.id, rows):
                        return
        except (TableError, ExtraMissing) as error:
            with database.write() as connection:
                fail(connection, batch.id, _faults(error))
            return
    with database.write() as connection:
        all_rows_kept(connection, batch.id, Found.of(found, columns).model_dump_json(), count)


def _fetch(database: Database, batch_id: str, path: Path) -> None:
    """The table as it came, as a file."""
    with path.open("wb") as file:
        number = 0
        while True:
            with database.read() as connection:
                piece = find_piece(connection, batch_id, number)
            if piece is None:
                return
            file.write(piece)
            number += 1


def _looked_at(choice: Choice, most: int) -> int | None:
    """So many rows of a table must be seen: all from which some are picked, else one more than may be graded."""
    if choice.sample is not None:
        return choice.limit
    return most + 1 if choice.limit is None else min(choice.limit, most + 1)


def _refuse_too_many(source: Source, count: int, most: int) -> None:
    if count > most:
        raise TableError([Fault(source.name, None, "", f"has more than {most:,} rows, which a batch may have")])


def _pieces(
    database: Database, batch_id: str, source: Source, found: Survey, columns: Mapping[str, str]
) -> Iterator[list[TableRow]]:
    with database.read() as connection:
        done = count_rows(connection, batch_id)
    with chosen_rows(source.path, source.layout, source.name, source.choice, found.rows, done) as rows:
        numbered = enumerate(rows, start=done)
        while piece := [_kept(position, row, columns) for position, row in islice(numbered, _TOGETHER)]:
            yield piece


def _kept(position: int, row: Row | RowError, columns: Mapping[str, str]) -> TableRow:
    fault = dumped_fault(row) if isinstance(row, RowError) else None
    candidate = as_text(row.cells.get(columns.get("candidate_id", ""))) or None
    return TableRow(position, row.line, candidate, json.dumps(dict(row.cells)), fault)


def _faults(error: TableError | ExtraMissing) -> str:
    faults: Iterable[Fault] = error.faults if isinstance(error, TableError) else [Fault("", None, "", str(error))]
    listed = [{"path": one.path, "line": one.line, "message": one.reason} for one in faults]
    return json.dumps(listed[:100])
