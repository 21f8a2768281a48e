"""Taking out what must not be kept: a candidate's answers, and whatever is older than the retention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, select, update

from grader.batch.outcome import dumped, unread
from grader.batch.tables.row import RowError
from grader_api.store import log
from grader_api.store.batches import ENDED, dumped_fault
from grader_api.store.log import Entry
from grader_api.store.tables import BATCH_ROWS, BATCHES, GRADES, OVERRIDES, REPLIES, REPLY_SUBJECTS, REVISIONS

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Gone:
    """What was erased: grades with their answers, and rows of batches."""

    grades: int
    rows: int


def erase_candidate(connection: Connection, tenant: str, actor: str, candidate_id: str) -> Gone:
    """Erase a candidate's answers and grades. The log keeps their ids, and not the candidate's."""
    wanted = (GRADES.c.tenant == tenant) & (GRADES.c.candidate_id == candidate_id)
    rows = erase_rows(connection, tenant, actor, candidate_id)
    grades = sum(_erase(connection, part, actor, "candidate.erased") for part in _parts(connection, wanted))
    return Gone(grades, rows)


def erase_older(connection: Connection, than: datetime) -> int:
    """Erase the grades made before a time; how many there were."""
    parts = _parts(connection, GRADES.c.created_at < than)
    return sum(_erase(connection, part, "service", "retention.erased") for part in parts)


def erase_rows(connection: Connection, tenant: str, actor: str, candidate_id: str) -> int:
    """Empty a candidate's rows in the tenant's batches; how many. Each keeps its place, and an error that says so."""
    batches = select(BATCHES.c.id).where(BATCHES.c.tenant == tenant)
    wanted = (BATCH_ROWS.c.candidate_id == candidate_id) & BATCH_ROWS.c.batch.in_(batches)
    found = connection.execute(select(BATCH_ROWS.c.batch, BATCH_ROWS.c.position, BATCH_ROWS.c.line).where(wanted)).all()
    for row in found:
        fault = RowError(row.line, "was erased")
        one = (BATCH_ROWS.c.batch == row.batch) & (BATCH_ROWS.c.position == row.position)
        graded = case((BATCH_ROWS.c.outcome.is_(None), None), else_=dumped(unread(fault)))
        values = {"candidate_id": None, "cells": "{}", "fault": dumped_fault(fault), "outcome": graded}
        connection.execute(update(BATCH_ROWS).where(one).values(values))
    touched = sorted({row.batch for row in found})
    log.append(connection, [Entry(tenant, actor, "batch.rows_erased", batch) for batch in touched])
    return len(found)


def erase_older_batches(connection: Connection, than: datetime) -> None:
    """Erase the batches that ended, and were made before a time."""
    wanted = (BATCHES.c.created_at < than) & BATCHES.c.status.in_(ENDED)
    for row in connection.execute(select(BATCHES.c.id, BATCHES.c.tenant).where(wanted)).all():
        connection.execute(delete(BATCHES).where(BATCHES.c.id == row.id))
        log.append(connection, [Entry(row.tenant, "service", "batch.erased", row.id)])


def forget_replies(connection: Connection, than: datetime) -> None:
    """Forget the replies to idempotency keys that were used before a time."""
    connection.execute(delete(REPLIES).where(REPLIES.c.created_at < than))


def _parts(connection: Connection, wanted: ColumnElement[bool]) -> list[Sequence[tuple[str, str]]]:
    """The tenants and ids of the grades to erase, in parts small enough for one statement, each of one tenant."""
    query = select(GRADES.c.tenant, GRADES.c.id).where(wanted).order_by(GRADES.c.tenant, GRADES.c.seq)
    by_tenant: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(query):
        by_tenant.setdefault(row.tenant, []).append((row.tenant, row.id))
    return [rows[first : first + _AT_ONCE] for rows in by_tenant.values() for first in range(0, len(rows), _AT_ONCE)]


def _erase(connection: Connection, part: Sequence[tuple[str, str]], actor: str, action: str) -> int:
    ids = [grade_id for _, grade_id in part]
    gone = list(ids)
    for table in (OVERRIDES, REVISIONS):  # with their grades; so are revisions that are awaited
        gone += connection.execute(select(table.c.id).where(table.c.grade_id.in_(ids))).scalars()
    replies = select(REPLY_SUBJECTS.c.reply).where(REPLY_SUBJECTS.c.grade_id.in_(ids))
    connection.execute(delete(REPLIES).where(REPLIES.c.seq.in_(replies)))
    connection.execute(delete(GRADES).where(GRADES.c.id.in_(ids)))
    log.append(connection, [Entry(part[0][0], actor, action, f"{len(ids)} grades", {"erased": gone})])
    return len(ids)
