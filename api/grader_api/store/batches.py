"""Batches: their tables as they came, in pieces, their rows, and what became of these.

Rows are graded in portions, and a portion is kept in one transaction with its place in `batch_portions`: two that work
on the same one keep it once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from grader.batch.tables.row import RowError
from grader_api.store import log
from grader_api.store.log import Entry
from grader_api.store.tables import BATCH_PORTIONS, BATCH_ROWS, BATCH_UPLOADS, BATCHES

ENDED = ("completed", "failed", "cancelled")
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as it is kept.

    Attributes:
        status: one of the OpenAI Batch API's.
        plan: JSON: how its table is read and written.
        layout: JSON: the columns that the table has; None until it was read.
        total, completed, failed: its rows, those with a grade, and those that could not be graded.
        faults: JSON: why the whole batch failed.
        webhook: JSON: where to tell that it has ended; None where nowhere, or when it was told.
    """

    id: str
    tenant: str
    actor: str
    name: str
    created_at: datetime
    plan: str
    webhook: str | None = None
    status: str = "validating"
    finished_at: datetime | None = None
    layout: str | None = None
    total: int = 0
    completed: int = 0
    failed: int = 0
    faults: str = "[]"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a batch's table; `cells` is JSON, and so are `fault` and `outcome`, where there are such."""

    position: int
    line: int
    candidate_id: str | None
    cells: str
    fault: str | None = None
    outcome: str | None = None


def dumped_fault(error: RowError) -> str:
    """Why a row cannot be graded, as JSON; its cells lie beside it."""
    return json.dumps({"line": error.line, "reason": error.reason, "column": error.column})


_COLUMNS = tuple(column for column in BATCHES.c if column.name != "seq")
_ROW_COLUMNS = tuple(column for column in BATCH_ROWS.c if column.name != "batch")


def add_batch(connection: Connection, row: BatchRow) -> None:
    """Keep a new batch."""
    connection.execute(insert(BATCHES), asdict(row))
    log.append(connection, [Entry(row.tenant, row.actor, "batch.created", row.id)])


def find_batch(connection: Connection, batch_id: str, tenant: str | None = None) -> BatchRow | None:
    """A batch by its id; of this tenant only, if one is given."""
    query = select(*_COLUMNS).where(BATCHES.c.id == batch_id)
    if tenant is not None:
        query = query.where(BATCHES.c.tenant == tenant)
    row = connection.execute(query).one_or_none()
    return None if row is None else _batch(row)


def list_batches(
    connection: Connection, tenant: str, *, limit: int, before: int | None = None
) -> list[tuple[int, BatchRow]]:
    """A tenant's batches, newest first, each with the `seq` after which the next page begins."""
    query = select(*_COLUMNS, BATCHES.c.seq).where(BATCHES.c.tenant == tenant)
    if before is not None:
        query = query.where(BATCHES.c.seq < before)
    return [(row.seq, _batch(row)) for row in connection.execute(query.order_by(BATCHES.c.seq.desc()).limit(limit))]


def unfinished(connection: Connection) -> list[BatchRow]:
    """Every tenant's batches that have not ended, or have not told so yet, oldest first."""
    query = select(*_COLUMNS).where(BATCHES.c.status.not_in(ENDED) | BATCHES.c.webhook.is_not(None))
    return [_batch(row) for row in connection.execute(query.order_by(BATCHES.c.seq))]


def _batch(row: Any) -> BatchRow:  # Any: a row has as many types as columns
    return BatchRow(**{column.name: getattr(row, column.name) for column in _COLUMNS})


def move(connection: Connection, batch_id: str, status: str, *before: str) -> bool:
    """Give a batch another status, if it has one of those before; whether it had."""
    values = {"status": status} | ({"finished_at": datetime.now(UTC)} if status in ENDED else {})
    wanted = (BATCHES.c.id == batch_id) & BATCHES.c.status.in_(before)
    return connection.execute(update(BATCHES).where(wanted).values(values)).rowcount > 0


def fail(connection: Connection, batch_id: str, faults: str) -> None:
    """End a batch that cannot be graded; `faults` is JSON."""
    if move(connection, batch_id, "failed", "validating", "in_progress", "finalizing"):
        connection.execute(update(BATCHES).where(BATCHES.c.id == batch_id).values(faults=faults))
    forget_upload(connection, batch_id)


def told(connection: Connection, batch_id: str) -> None:
    """Say that the end of a batch was told, or cannot be; the webhook's secret is forgotten."""
    connection.execute(update(BATCHES).where(BATCHES.c.id == batch_id).values(webhook=None))


def add_piece(connection: Connection, batch_id: str, number: int, content: bytes) -> None:
    """Keep a piece of a batch's table as it came."""
    row = {"batch": batch_id, "number": number, "created_at": datetime.now(UTC), "content": content}
    connection.execute(insert(BATCH_UPLOADS), row)


def find_piece(connection: Connection, batch_id: str, number: int) -> bytes | None:
    """A piece of a batch's table; None behind the last."""
    wanted = (BATCH_UPLOADS.c.batch == batch_id) & (BATCH_UPLOADS.c.number == number)
    return connection.execute(select(BATCH_UPLOADS.c.content).where(wanted)).scalar_one_or_none()


def forget_upload(connection: Connection, batch_id: str) -> None:
    """Forget a table as it came."""
    connection.execute(delete(BATCH_UPLOADS).where(BATCH_UPLOADS.c.batch == batch_id))


def forget_abandoned(connection: Connection, than: datetime) -> None:
    """Forget what came before a time for batches that never came to be."""
    known = select(BATCHES.c.id)
    connection.execute(
        delete(BATCH_UPLOADS).where(BATCH_UPLOADS.c.created_at < than, BATCH_UPLOADS.c.batch.not_in(known))
    )


def count_rows(connection: Connection, batch_id: str) -> int:
    """How many rows of a table are kept: always the first ones."""
    last = select(func.coalesce(func.max(BATCH_ROWS.c.position) + 1, 0)).where(BATCH_ROWS.c.batch == batch_id)
    return int(connection.execute(last).scalar_one())


def add_rows(connection: Connection, batch_id: str, rows: Sequence[TableRow]) -> bool:
    """Keep the next rows of a table; whether they are the next indeed, and not kept by another already."""
    if not _hold(connection, batch_id, "validating") or count_rows(connection, batch_id) != rows[0].position:
        return False
    connection.execute(insert(BATCH_ROWS), [{"batch": batch_id, **asdict(row)} for row in rows])
    return True


def all_rows_kept(connection: Connection, batch_id: str, layout: str, total: int) -> None:
    """Say that a table was read to its end, and what columns it has."""
    if move(connection, batch_id, "in_progress" if total else "finalizing", "validating"):
        connection.execute(update(BATCHES).where(BATCHES.c.id == batch_id).values(layout=layout, total=total))
        forget_upload(connection, batch_id)


def read_rows(connection: Connection, batch_id: str, first: int, last: int) -> list[TableRow]:
    """The rows of a table from one position up to, and without, another."""
    wanted = (BATCH_ROWS.c.batch == batch_id) & (BATCH_ROWS.c.position >= first) & (BATCH_ROWS.c.position < last)
    query = select(*_ROW_COLUMNS).where(wanted).order_by(BATCH_ROWS.c.position)
    return [TableRow(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 (its public name)


def graded_rows(connection: Connection, batch_id: str) -> Iterator[TableRow]:
    """The rows of a table that are done, in order."""
    query = select(*_ROW_COLUMNS).where(BATCH_ROWS.c.batch == batch_id, BATCH_ROWS.c.outcome.is_not(None))
    found = connection.execution_options(yield_per=_AT_ONCE).execute(query.order_by(BATCH_ROWS.c.position))
    for row in found:
        yield TableRow(**row._mapping)  # noqa: SLF001 (its public name)


def is_kept(connection: Connection, batch_id: str, portion: int) -> bool:
    """Whether a portion is graded and kept."""
    wanted = (BATCH_PORTIONS.c.batch == batch_id) & (BATCH_PORTIONS.c.number == portion)
    return connection.execute(select(BATCH_PORTIONS.c.number).where(wanted)).one_or_none() is not None


def keep_portion(
    connection: Connection,
    batch_id: str,
    portion: int,
    outcomes: Iterable[tuple[int, str]],
    *,
    completed: int,
    failed: int,
) -> None:
    """Keep what became of a portion's rows, unless the batch was cancelled meanwhile or another has kept it."""
    if not _hold(connection, batch_id, "in_progress") or is_kept(connection, batch_id, portion):
        return
    connection.execute(insert(BATCH_PORTIONS), {"batch": batch_id, "number": portion})
    for position, outcome in outcomes:
        wanted = (BATCH_ROWS.c.batch == batch_id) & (BATCH_ROWS.c.position == position)
        connection.execute(update(BATCH_ROWS).where(wanted).values(outcome=outcome))
    counted = {"completed": BATCHES.c.completed + completed, "failed": BATCHES.c.failed + failed}
    connection.execute(update(BATCHES).where(BATCHES.c.id == batch_id).values(counted))
    done = BATCHES.c.completed + BATCHES.c.failed == BATCHES.c.total
    connection.execute(update(BATCHES).where(BATCHES.c.id == batch_id, done).values(status="finalizing"))


def _hold(connection: Connection, batch_id: str, status: str) -> bool:
    """Have this transaction be the only one that changes a batch; whether it has this status."""
    query = select(BATCHES.c.status).where(BATCHES.c.id == batch_id).with_for_update()
    return connection.execute(query).scalar_one_or_none() == status
