"""Grades: added, never changed; read one by one or in pages, newest first."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, case, exists, func, insert, select

from grader_api.store import log
from grader_api.store.digests import digest_of
from grader_api.store.log import Entry
from grader_api.store.revisions import RevisionRow
from grader_api.store.tables import AWAITED_REVISIONS, GRADES, OVERRIDES, REVISIONS, STANDINGS


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
    """A grade that was read: its row, its place in the order of time, the grade that replaced it, its overrides.

    `revision` is what a language model made of it; `awaited` tells that one is still asked.
    """

    row: GradeRow
    seq: int
    superseded_by: str | None
    overrides: tuple[str, ...]
    revision: RevisionRow | None = None
    awaited: bool = False

    @property
    def current(self) -> str:
        """The machine's grade as it stands, as JSON: the revision, unless a person had decided before."""
        return self.row.grade if self.revision is None or not self.revision.stands else self.revision.grade


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
_REVISION = tuple(column for column in REVISIONS.c if column.name != "seq")
KEPT = GRADES.join(STANDINGS, STANDINGS.c.seq == GRADES.c.seq).outerjoin(REVISIONS, REVISIONS.c.grade_id == GRADES.c.id)
"""Grades with what lists go by, and with their revisions where there are such."""
_NEWER = GRADES.alias("newer")
_STANDING = ("label", "needs_review", "passed")


def add_grades(connection: Connection, rows: Sequence[GradeRow]) -> None:
    """Keep grades, each with its entry in the log."""
    if not rows:
        return
    values = [asdict(row) for row in rows]
    connection.execute(insert(GRADES), values)
    log.append(
        connection,
        [
            Entry(row.tenant, row.actor, "grade.created", row.id, {"digest": digest_of(GRADES, value)})
            for row, value in zip(rows, values, strict=True)
        ],
    )


def find_grade(connection: Connection, tenant: str, grade_id: str) -> Kept | None:
    """A tenant's grade by its id."""
    wanted = [GRADES.c.tenant == tenant, GRADES.c.id == grade_id]
    return next(read_grades(connection, wanted, (), 1), None)


def list_grades(
    connection: Connection, tenant: str, filters: Filters, *, limit: int, before: int | None = None
) -> list[Kept]:
    """A tenant's grades, newest first; `before` is the `seq` after which the page begins."""
    seq = _order(filters)
    wanted = [*conditions(tenant, filters)]
    if before is not None:
        wanted.append(seq < before)
    return list(read_grades(connection, wanted, (seq.desc(),), limit))


def count_grades(connection: Connection, tenant: str, filters: Filters, *, most: int) -> int:
    """How many grades a list would hold, counted up to `most`."""
    wanted = conditions(tenant, filters)
    counted = select(GRADES.c.seq).select_from(KEPT).where(*wanted).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(counted)).scalar_one()


def standing_grade() -> ColumnElement[str]:
    """The machine's grade as it stands, as JSON: of the revision, unless a person had decided before."""
    return case((REVISIONS.c.stands, REVISIONS.c.grade), else_=GRADES.c.grade)


def _order(filters: Filters) -> ColumnElement[int]:
    """The column that orders a list in time: of the two that are equal, the one whose index its filters can use."""
    return (STANDINGS if any(getattr(filters, name) is not None for name in _STANDING) else GRADES).c.seq


def conditions(tenant: str, filters: Filters) -> Iterator[ColumnElement[bool]]:
    """What filters ask of a tenant's row of `KEPT`."""
    yield GRADES.c.tenant == tenant
    yield STANDINGS.c.tenant == tenant
    for name in ("question_id", "bank", "candidate_id"):
        value = getattr(filters, name)
        if value is not None:
            yield GRADES.c[name] == value
    for name in _STANDING:
        value = getattr(filters, name)
        if value is not None:
            yield STANDINGS.c[name] == value
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
    awaited = exists().where(AWAITED_REVISIONS.c.grade_id == GRADES.c.id, ~AWAITED_REVISIONS.c.revised)
    named = [column.label(f"grades_{column.name}") for column in _COLUMNS]
    named += [column.label(f"revisions_{column.name}") for column in _REVISION]
    query = select(*named, GRADES.c.seq, newer.label("superseded_by"), awaited.label("awaited")).select_from(KEPT)
    rows = connection.execute(query.where(*wanted).order_by(*order).limit(limit)).all()
    overrides = _overrides(connection, [row.grades_id for row in rows])
    for row in rows:
        grade = GradeRow(**_values(row, "grades", _COLUMNS))
        revision = RevisionRow(**_values(row, "revisions", _REVISION)) if row.revisions_id is not None else None
        decided = tuple(overrides.get(grade.id, ()))
        yield Kept(grade, row.seq, row.superseded_by, decided, revision, bool(row.awaited))


def _values(row: Any, table: str, columns: Iterable[Column[Any]]) -> dict[str, Any]:  # Any: of as many types as columns
    return {column.name: getattr(row, f"{table}_{column.name}") for column in columns}


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
    told = {"digest": digest_of(OVERRIDES, value)}
    log.append(connection, [Entry(tenant, row.actor, "grade.overridden", row.id, told)])
