"""The grades that wait for a person, the most urgent first: the least certain, and of these the oldest."""

from __future__ import annotations

from sqlalchemy import JSON, ColumnElement, Connection, Integer, cast, func, select, type_coerce

from grader_api.store.grades import KEPT, Filters, Kept, conditions, read_grades, standing_grade
from grader_api.store.tables import GRADES

WAITING = Filters(needs_review=True, decided=False)
_FINEST = 10_000  # doubts are compared in steps of this part: a score's interval has four decimals


def list_waiting(connection: Connection, tenant: str, *, limit: int, after: int | None = None) -> list[Kept]:
    """A tenant's grades that need review and have none, the most urgent first; `after` is the last one's `seq`.

    The list begins anew where that one is gone.
    """
    doubt = _doubt(connection)
    wanted = [*conditions(tenant, WAITING)]
    last = connection.execute(
        select(doubt).select_from(KEPT).where(GRADES.c.tenant == tenant, GRADES.c.seq == after)
    ).scalar()
    if last is not None:
        wanted.append((doubt < last) | ((doubt == last) & (GRADES.c.seq > after)))
    return list(read_grades(connection, wanted, (doubt.desc(), GRADES.c.seq), limit))


def _doubt(connection: Connection) -> ColumnElement[int]:
    """The width of a score's interval, as kept in the grade's JSON; without one nothing is certain."""
    text = standing_grade()
    # SQLite reads JSON from text and would make a number of it where it is cast; PostgreSQL does not read it from text
    grade = type_coerce(text, JSON) if connection.dialect.name == "sqlite" else cast(text, JSON)
    width = grade["confidence"]["high"].as_float() - grade["confidence"]["low"].as_float()
    return func.coalesce(cast(func.round(width * _FINEST), Integer), _FINEST)
