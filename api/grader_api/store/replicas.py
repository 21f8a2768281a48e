"""The processes that work on batches, each with the time at which it last said that it lives."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from grader_api.store.tables import REPLICAS


def say_alive(connection: Connection, replica: str) -> None:
    """Say that a process lives."""
    now = datetime.now(UTC)
    if not connection.execute(update(REPLICAS).where(REPLICAS.c.id == replica).values(seen_at=now)).rowcount:
        connection.execute(insert(REPLICAS), {"id": replica, "seen_at": now})


def say_gone(connection: Connection, replica: str) -> None:
    """Say that a process works no more."""
    connection.execute(delete(REPLICAS).where(REPLICAS.c.id == replica))


def alive(connection: Connection, within: timedelta) -> Collection[str]:
    """The processes that said so of late."""
    query = select(REPLICAS.c.id).where(REPLICAS.c.seen_at > datetime.now(UTC) - within)
    return frozenset(connection.execute(query).scalars())


def forget_gone(connection: Connection, than: datetime) -> None:
    """Forget the processes that were last seen before a time."""
    connection.execute(delete(REPLICAS).where(REPLICAS.c.seen_at < than))
