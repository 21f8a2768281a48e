"""Taking out what must not be kept: a candidate's answers, and whatever is older than the retention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from grader_api.store import log
from grader_api.store.log import Entry
from grader_api.store.tables import GRADES, OVERRIDES, REPLIES, REPLY_SUBJECTS

_AT_ONCE = 500


def erase_candidate(connection: Connection, tenant: str, actor: str, candidate_id: str) -> int:
    """Erase a candidate's answers and grades; how many there were. The log keeps their ids, and not the candidate's."""
    wanted = (GRADES.c.tenant == tenant) & (GRADES.c.candidate_id == candidate_id)
    return sum(_erase(connection, part, actor, "candidate.erased") for part in _parts(connection, wanted))


def erase_older(connection: Connection, than: datetime) -> int:
    """Erase the grades made before a time; how many there were."""
    parts = _parts(connection, GRADES.c.created_at < than)
    return sum(_erase(connection, part, "service", "retention.erased") for part in parts)


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
    overrides = list(connection.execute(select(OVERRIDES.c.id).where(OVERRIDES.c.grade_id.in_(ids))).scalars())
    replies = select(REPLY_SUBJECTS.c.reply).where(REPLY_SUBJECTS.c.grade_id.in_(ids))
    connection.execute(delete(REPLIES).where(REPLIES.c.seq.in_(replies)))
    connection.execute(delete(GRADES).where(GRADES.c.id.in_(ids)))
    log.append(connection, [Entry(part[0][0], actor, action, f"{len(ids)} grades", {"erased": [*ids, *overrides]})])
    return len(ids)
