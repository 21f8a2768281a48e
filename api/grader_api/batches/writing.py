"""A batch's rows as a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.batch.job import Target, write_rows
from grader.batch.ledger import Finished
from grader.batch.outcome import loaded
from grader.batch.tables.formats import Packing, Shape
from grader_api.batches.plan import Found, Plan
from grader_api.store.batches import BatchRow, TableRow, graded_rows
from grader_api.store.database import Database

_TYPES = {
    Shape.CSV: "text/csv; charset=utf-8",
    Shape.TSV: "text/tab-separated-values; charset=utf-8",
    Shape.JSONL: "application/jsonl",
    Shape.PARQUET: "application/vnd.apache.parquet",
    Shape.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A file, its media type, and a tag that is the same for the same bytes."""

    path: Path
    media_type: str
    tag: str


def write_batch(database: Database, batch: BatchRow, path: Path, *, only_errors: bool) -> Written:
    """Write the rows of a batch that are done, or those with an error, to a file.

    Raises:
        OutputError: it cannot be written.
        ExtraMissing: the format's library is not installed.
        StoreUnavailable: the database does not answer.
    """
    form = Plan.model_validate_json(batch.plan).output
    found = Found.model_validate_json(batch.layout) if batch.layout else Found(columns=(), kinds={}, ours={})
    with database.read() as connection:
        rows = _finished(graded_rows(connection, batch.id))
        write_rows(Target(path, form, only_errors), found.columns, found.kinds, rows)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    media_type = _TYPES[form.shape] if form.packing is Packing.NONE else "application/octet-stream"
    return Written(path, media_type, f'"{digest[:32]}"')


def _finished(rows: Iterable[TableRow]) -> Iterator[Finished]:
    for row in rows:
        yield Finished(row.line, "", json.loads(row.cells), loaded(row.outcome or ""))
