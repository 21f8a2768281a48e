"""Banks: every version is kept, deletion is a version without a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from grader_api.errors import BanksChanged
from grader_api.store import log
from grader_api.store.digests import digest_of
from grader_api.store.log import Entry
from grader_api.store.tables import BANKS


@dataclass(frozen=True, slots=True)
class BankVersion:
    """One version of a bank; its content hash and JSON document, both None if it was deleted."""

    bank: str
    number: int
    version: str | None
    document: str | None
    created_at: datetime


def stamp(connection: Connection, tenant: str) -> int:
    """A number that grows with every change of a tenant's banks; 0 before the first."""
    return connection.execute(select(func.max(BANKS.c.seq)).where(BANKS.c.tenant == tenant)).scalar_one() or 0


def current_banks(connection: Connection, tenant: str) -> list[BankVersion]:
    """The newest version of each bank of a tenant, deleted ones too."""
    newest = select(func.max(BANKS.c.seq)).where(BANKS.c.tenant == tenant).group_by(BANKS.c.bank)
    query = select(BANKS).where(BANKS.c.seq.in_(newest)).order_by(BANKS.c.bank)
    return [_version(row) for row in connection.execute(query)]


def bank_versions(connection: Connection, tenant: str, bank: str) -> list[BankVersion]:
    """Every version of a bank, the newest first."""
    query = select(BANKS).where(BANKS.c.tenant == tenant, BANKS.c.bank == bank).order_by(BANKS.c.number.desc())
    return [_version(row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class BankChange:
    """A new version of a bank: its hash and document, or None to delete it; `seen` is the stamp it was decided on."""

    tenant: str
    actor: str
    bank: str
    content: tuple[str, str] | None
    seen: int


def add_version(connection: Connection, change: BankChange) -> BankVersion:
    """Keep a new version of a bank.

    Raises:
        BanksChanged: the tenant's banks are not those that were seen, so what was checked may not hold.
    """
    log.lock(connection)
    if stamp(connection, change.tenant) != change.seen:
        raise BanksChanged("the tenant's banks have changed in the meantime: try again")
    tenant, bank, content = change.tenant, change.bank, change.content
    known = select(func.max(BANKS.c.number)).where(BANKS.c.tenant == tenant, BANKS.c.bank == bank)
    number = (connection.execute(known).scalar_one() or 0) + 1
    version, document = content or (None, None)
    now = datetime.now(UTC)
    row: dict[str, Any] = {"tenant": tenant, "bank": bank, "number": number, "version": version, "document": document}
    row |= {"created_at": now, "actor": change.actor}
    connection.execute(insert(BANKS), row)
    action = "bank.deleted" if content is None else "bank.put"
    subject = log.version_subject(tenant, bank, number)
    log.append(connection, [Entry(tenant, change.actor, action, subject, {"digest": digest_of(BANKS, row)})])
    return BankVersion(bank, number, version, document, now)


def _version(row: Row[Any]) -> BankVersion:  # Any: the columns of the table
    return BankVersion(row.bank, row.number, row.version, row.document, row.created_at)
