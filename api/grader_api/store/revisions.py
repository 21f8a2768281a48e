"""Revisions of grades by a language model: awaited from the grade's transaction on, added once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, insert, select, update

from grader_api.store import log
from grader_api.store.digests import digest_of
from grader_api.store.log import Entry
from grader_api.store.tables import AWAITED_REVISIONS, GRADES, OVERRIDES, REVISIONS


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision as it is kept: `grade` is JSON.

    `stands` tells whether it is the machine's grade from then on: it is not where a person had decided before.
    """

    id: str
    grade_id: str
    created_at: datetime
    actor: str
    salt: str
    stands: bool
    label: str
    needs_review: bool
    passed: bool
    score: float
    grade: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """A revision that is awaited, or (`revised`) was made and is still to be told of; `webhook` is JSON."""

    grade_id: str
    tenant: str
    webhook: str | None
    revised: bool


def await_revisions(connection: Connection, grade_ids: Sequence[str], webhook: str | None = None) -> None:
    """Say that grades, kept in the same transaction, will be revised, and where to tell of it."""
    if grade_ids:
        row = {"created_at": datetime.now(UTC), "webhook": webhook, "revised": False}
        connection.execute(insert(AWAITED_REVISIONS), [{"grade_id": one, **row} for one in grade_ids])


def list_awaited(connection: Connection, *, limit: int) -> list[Awaited]:
    """Every tenant's revisions that are not made, or not told of, yet; the longest awaited first."""
    query = _AWAITED.order_by(AWAITED_REVISIONS.c.created_at, AWAITED_REVISIONS.c.grade_id).limit(limit)
    return [Awaited(*row) for row in connection.execute(query)]


def find_awaited(connection: Connection, grade_id: str) -> Awaited | None:
    """The revision of a grade that is awaited, or not told of yet; None where there is none."""
    row = connection.execute(_AWAITED.where(AWAITED_REVISIONS.c.grade_id == grade_id)).one_or_none()
    return None if row is None else Awaited(*row)


_AWAITED = select(
    AWAITED_REVISIONS.c.grade_id, GRADES.c.tenant, AWAITED_REVISIONS.c.webhook, AWAITED_REVISIONS.c.revised
).join(GRADES, GRADES.c.id == AWAITED_REVISIONS.c.grade_id)


def add_revision(connection: Connection, tenant: str, row: RevisionRow) -> RevisionRow | None:
    """Keep a revision; None, and nothing is kept, where it is not awaited any more.

    Whether it stands is decided here, where no decision of a person can come in between.
    """
    log.lock(connection)
    awaited = find_awaited(connection, row.grade_id)
    if awaited is None or awaited.revised:
        return None
    decided = connection.execute(select(exists().where(OVERRIDES.c.grade_id == row.grade_id))).scalar_one()
    value = asdict(row) | {"stands": not decided}
    connection.execute(insert(REVISIONS), value)
    log.append(connection, [Entry(tenant, row.actor, "grade.revised", row.id, {"digest": digest_of(REVISIONS, value)})])
    if awaited.webhook is None:
        told(connection, row.grade_id)
    else:
        wanted = AWAITED_REVISIONS.c.grade_id == row.grade_id
        connection.execute(update(AWAITED_REVISIONS).where(wanted).values(revised=True))
    return RevisionRow(**value)


def told(connection: Connection, grade_id: str) -> None:
    """Say that a revision was told of, or that nobody is to be told; the webhook's secret is forgotten."""
    connection.execute(delete(AWAITED_REVISIONS).where(AWAITED_REVISIONS.c.grade_id == grade_id))
