"""Grades: added, never changed; read one by one or in pages, newest first."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from grader_api.store import log
from grader_api.store.log import Entry
from grader_api.store.tables import GRADES, OVERRIDES


def new_id(prefix: str) -> str:
    """An id that nobody can guess."""
    return f"{prefix}_{secrets.token_hex(12)}"


def new_salt() -> str:
    """A number that keeps a row's digest from telling what is in the row, once the row is erased."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A grade as it is kept: `request` and `grade` are JSON as it was read and sent."""

    id: str
    tenant: str
    created_at: datetime
    question_id: str | None
    bank: str | None
    candidate_id: str | None
    label: str
    needs_review: bool
    passed: bool
    score: float
    supersedes: str | None
    actor: str
    salt: str
    request: str
    grade: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A grade that was read: its row, its place in the order of time, the grade that replaced it, its overrides."""

    row: GradeRow
    seq: int
    superseded_by: str | None
    overrides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which grades a list holds; None holds all. Grades that another has replaced are left out unless asked for."""

    question_id: str | None = None
    bank: str | None = None
    candidate_id: str | None = None
    label: str | None = None
    needs_review: bool | None = None
    passed: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    superseded: bool = False
    decided: bool | None = None


_COLUMNS = tuple(column for column in GRADES.c if column.name != "seq")
_NEWER = GRADES.alias("newer")
_NEWEST = (GRADES.c.seq.desc(),)


def add_grades(connection: Connection, rows: Sequence[GradeRow]) -> None:
    """Keep grades, each with its entry in the log."""
    if not rows:
        return
    values = [asdict(row) for row in rows]
    connection.execute(insert(GRADES), values)
    log.append(
        connection,
        [
            Entry(row.tenant, row.actor, "grade.created", row.id, {"digest": log.grade_digest(value)})
            for row, value in zip(rows, values, strict=True)
        ],
    )


def find_grade(connection: Connection, tenant: str, grade_id: str) -> Kept | None:
    """A tenant's grade by its id."""
    wanted = [GRADES.c.tenant == tenant, GRADES.c.id == grade_id]
    return next(read_grades(connection, wanted, _NEWEST, 1), None)


def list_grades(
    connection: Connection, tenant: str, filters: Filters, *, limit: int, before: int | None = None
) -> list[Kept]:
    """A tenant's grades, newest first; `before` is the `seq` after which the page begins."""
    wanted: list[ColumnElement[bool]] = [GRADES.c.tenant == tenant, *conditions(filters)]
    if before is not None:
        wanted.append(GRADES.c.seq < before)
    return list(read_grades(connection, wanted, _NEWEST, limit))


def count_grades(connection: Connection, tenant: str, filters: Filters, *, most: int) -> int:
    """How many grades a list would hold, counted up to `most`."""
    counted = select(GRADES.c.seq).where(GRADES.c.tenant == tenant, *conditions(filters)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(counted)).scalar_one()


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """What filters ask of a row of grades."""
    for name in ("question_id", "bank", "candidate_id", "label", "needs_review", "passed"):
        value = getattr(filters, name)
        if value is not None:
            yield GRADES.c[name] == value
    if filters.created_after is not None:
        yield GRADES.c.created_at >= filters.created_after
    if filters.created_before is not None:
        yield GRADES.c.created_at < filters.created_before
    if not filters.superseded:
        yield ~exists().where(_NEWER.c.supersedes == GRADES.c.id)
    if filters.decided is not None:
        decision = exists().where(OVERRIDES.c.grade_id == GRADES.c.id)
        yield decision if filters.decided else ~decision


def read_grades(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]], limit: int
) -> Iterator[Kept]:
    """The first grades of which all that is wanted holds, in an order; each with what was decided about it."""
    newer = select(_NEWER.c.id).where(_NEWER.c.supersedes == GRADES.c.id).scalar_subquery()
    query = select(*_COLUMNS, GRADES.c.seq, newer.label("superseded_by")).where(*wanted)
    rows = connection.execute(query.order_by(*order).limit(limit)).all()
    overrides = _overrides(connection, [row.id for row in rows])
    for row in rows:
        values = {column.name: getattr(row, column.name) for column in _COLUMNS}
        yield Kept(GradeRow(**values), row.seq, row.superseded_by, tuple(overrides.get(row.id, ())))


def _overrides(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    if not ids:
        return {}
    query = select(OVERRIDES.c.grade_id, OVERRIDES.c.override).where(OVERRIDES.c.grade_id.in_(ids))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.order_by(OVERRIDES.c.seq)):
        found.setdefault(row.grade_id, []).append(row.override)
    return found


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A person's decision as it is kept; `override` is JSON as it was sent."""

    id: str
    grade_id: str
    created_at: datetime
    actor: str
    salt: str
    override: str


def add_override(connection: Connection, tenant: str, row: OverrideRow) -> None:
    """Keep a person's decision about a grade."""
    value = asdict(row)
    connection.execute(insert(OVERRIDES), value)
    told = {"digest": log.override_digest(value)}
    log.append(connection, [Entry(tenant, row.actor, "grade.overridden", row.id, told)])
