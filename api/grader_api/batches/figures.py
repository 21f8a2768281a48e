"""What came of a batch in figures, as `grader batch` tells them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from grader.batch.asking import Asked, ask
from grader.batch.ledger import Finished
from grader.batch.outcome import loaded
from grader.batch.summary import summarize
from grader.batch.tables.row import Row
from grader_api.batches.plan import Found
from grader_api.schemas import BatchFigures
from grader_api.store.batches import BatchRow, TableRow, graded_rows
from grader_api.store.database import Database


def figures_of(database: Database, batch: BatchRow, *, detailed: bool) -> BatchFigures:
    """The figures of the rows that are done; `detailed` adds the questions and what a person should look at.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    if batch.layout is None:
        return BatchFigures(distinct=0, figures=summarize([], ""))
    found = Found.model_validate_json(batch.layout)
    keys = set[bytes]()
    with database.read() as connection:
        rows = _finished(graded_rows(connection, batch.id), found, keys)
        figures = summarize(rows, found.ours["answer"], detailed=detailed)
    return BatchFigures(distinct=len(keys), figures=figures)


def _finished(rows: Iterable[TableRow], found: Found, keys: set[bytes]) -> Iterator[Finished]:
    """The rows as a ledger has them; what was asked in them is added to `keys`."""
    for row in rows:
        cells = json.loads(row.cells)
        asked = ask(Row(row.line, cells), found.ours) if row.fault is None else None
        if isinstance(asked, Asked):
            keys.add(asked.key)
        question = asked.question if isinstance(asked, Asked) else ""
        yield Finished(row.line, question, cells, loaded(row.outcome or ""))
