"""Replies to requests with an idempotency key, kept for a day in the transaction that did the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from grader_api.errors import AlreadyRecorded
from grader_api.store.tables import REPLIES, REPLY_SUBJECTS

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key of a tenant, and what the request was: a hash of its method, path and body."""

    tenant: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; `subjects` are the grades it tells of, with which it is erased."""

    status: int
    body: str
    location: str | None = None
    subjects: tuple[str, ...] = ()


def find_reply(connection: Connection, claim: Claim) -> tuple[str, Reply] | None:
    """The fingerprint and the reply that are kept under a key, for a day."""
    wanted = (REPLIES.c.tenant == claim.tenant) & (REPLIES.c.key == claim.key)
    row = connection.execute(select(REPLIES).where(wanted)).one_or_none()
    if row is None or row.created_at < datetime.now(UTC) - KEPT:
        return None
    return row.fingerprint, Reply(row.status, row.body, row.location)


def record_reply(connection: Connection, claim: Claim, reply: Reply) -> None:
    """Keep a reply.

    Raises:
        AlreadyRecorded: one is kept under the key.
    """
    if find_reply(connection, claim) is not None:
        raise AlreadyRecorded(f"idempotency key {claim.key!r}")
    connection.execute(delete(REPLIES).where(REPLIES.c.tenant == claim.tenant, REPLIES.c.key == claim.key))
    row = {"tenant": claim.tenant, "key": claim.key, "fingerprint": claim.fingerprint, "created_at": datetime.now(UTC)}
    row |= {"status": reply.status, "location": reply.location, "body": reply.body}
    try:
        made = connection.execute(insert(REPLIES).returning(REPLIES.c.seq), row).scalar_one()
    except IntegrityError as error:  # another process has just recorded one
        raise AlreadyRecorded(f"idempotency key {claim.key!r}") from error
    _record_subjects(connection, made, reply.subjects)


def _record_subjects(connection: Connection, reply: int, subjects: Sequence[str]) -> None:
    if subjects:
        connection.execute(insert(REPLY_SUBJECTS), [{"reply": reply, "grade_id": one} for one in subjects])
