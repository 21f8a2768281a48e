"""The log of all that was done: a chain of hashes, in which a row that is changed, added or taken out shows.

A row's hash covers the row and the hash before it; `log_head` keeps the last, so that a log cut short shows too. What
people wrote is not in the log: of a grade it keeps a digest, salted with a number that is erased with the grade.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, insert, not_, select, update

from grader_api.store.digests import digest, digest_of, older_digest_of
from grader_api.store.tables import BANKS, GRADES, KEYS, LOG, LOG_HEAD, OVERRIDES, REVISIONS, STANDINGS

START = "0" * 64
KEY_CREATED, KEY_REVOKED = "key.created", "key.revoked"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done: by whom (a key's id, or `local` or `service`), to what."""

    tenant: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)  # Any: whatever JSON holds


def lock(connection: Connection) -> None:
    """Have this transaction be the only one that adds to the log, and so to anything that is logged, till its end."""
    connection.execute(select(LOG_HEAD.c.id).with_for_update())


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add entries to the chain, in the transaction that does what they tell of."""
    if not entries:
        return
    head = connection.execute(select(LOG_HEAD).with_for_update()).one()
    seq, last, now = head.seq, head.hash, datetime.now(UTC)
    rows = []
    for entry in entries:
        seq += 1
        row = {
            "seq": seq,
            "at": now,
            "tenant": entry.tenant,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": json.dumps(entry.detail, sort_keys=True, ensure_ascii=True),
            "previous": last,
        }
        last = _hash(row)
        rows.append({**row, "hash": last})
    connection.execute(insert(LOG), rows)
    connection.execute(update(LOG_HEAD).values(seq=seq, hash=last))


def verify(connection: Connection) -> list[str]:
    """What is wrong with the log, or with what it tells of; empty where all is as it was written."""
    return [*_chain_faults(connection), *_content_faults(connection), *_standing_faults(connection)]


def _hash(row: Mapping[str, Any]) -> str:  # Any: a row's values
    told = [row["seq"], row["at"].astimezone(UTC).isoformat(timespec="microseconds")]
    told += [row[name] for name in ("tenant", "actor", "action", "subject", "detail", "previous")]
    return digest(told)


def _rows(connection: Connection) -> Iterator[Mapping[str, Any]]:  # Any: a row's values
    return _mappings(connection, select(LOG).order_by(LOG.c.seq))


def _mappings(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:  # Any: a row's values
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query).mappings():
        yield {str(name): value for name, value in row.items()}


def _chain_faults(connection: Connection) -> Iterator[str]:
    seq, last = 0, START
    for row in _rows(connection):
        if row["seq"] != seq + 1:
            yield (
                f"log row {seq + 1}: missing"
                if row["seq"] == seq + 2
                else f"log rows {seq + 1} to {row['seq'] - 1}: missing"
            )
        if row["previous"] != last:
            yield f"log row {row['seq']}: does not follow the row before it"
        if row["hash"] != _hash(row):
            yield f"log row {row['seq']}: changed after it was written"
        seq, last = row["seq"], row["hash"]
    head = connection.execute(select(LOG_HEAD)).one_or_none()
    if head is None or (head.seq, head.hash) != (seq, last):
        yield f"log row {seq}: is not the last that was written"


def _content_faults(connection: Connection) -> Iterator[str]:
    """Rows whose digest is not the logged one, that nobody logged, or that are gone and were not erased."""
    logged: dict[str, str | None] = {}
    erased, revoked = set[str](), set[str]()
    for row in _rows(connection):
        detail = json.loads(row["detail"])
        if "digest" in detail or row["action"] == KEY_CREATED:
            logged[row["subject"]] = detail.get("digest")  # of the first keys there is none
        if row["action"] == KEY_REVOKED:
            revoked.add(row["subject"])
        erased.update(detail.get("erased", ()))
    found = set[str]()
    for subject, actual in _digests(connection):
        found.add(subject)
        if subject not in logged:
            yield f"{subject}: nobody logged it"
        elif logged[subject] not in {*actual, None}:
            yield f"{subject}: changed after it was written"
    yield from (f"{subject}: gone, and nobody logged that it was erased" for subject in logged.keys() - found - erased)
    yield from _revocation_faults(connection, revoked)


def _revocation_faults(connection: Connection, revoked: set[str]) -> Iterator[str]:
    for row in connection.execute(select(KEYS.c.id, KEYS.c.revoked_at)):
        if (row.revoked_at is not None) != (row.id in revoked):
            yield f"key {row.id}: was revoked, or made valid again, and nobody logged it"


def _standing_faults(connection: Connection) -> Iterator[str]:
    """Grades that lists do not hold, or hold as what they are not."""
    same = [
        STANDINGS.c[name] == case((REVISIONS.c.stands, REVISIONS.c[name]), else_=GRADES.c[name])
        for name in ("label", "needs_review", "passed")
    ]
    listed = GRADES.outerjoin(STANDINGS, STANDINGS.c.seq == GRADES.c.seq)
    kept = listed.outerjoin(REVISIONS, REVISIONS.c.grade_id == GRADES.c.id)
    wrong = STANDINGS.c.seq.is_(None) | not_(and_(STANDINGS.c.tenant == GRADES.c.tenant, *same))
    for grade_id in connection.execute(select(GRADES.c.id).select_from(kept).where(wrong)).scalars():
        yield f"{grade_id}: listed as what it is not"


def _digests(connection: Connection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The subjects of what is kept, each with its digest and the one that it would have in an older log."""
    for table in (GRADES, OVERRIDES, REVISIONS):
        for row in _mappings(connection, select(table)):
            yield row["id"], (digest_of(table, row), older_digest_of(table, row))
    for row in _mappings(connection, select(BANKS)):
        subject = version_subject(row["tenant"], row["bank"], row["number"])
        yield subject, (digest_of(BANKS, row), older_digest_of(BANKS, row))
    for row in _mappings(connection, select(KEYS)):
        yield row["id"], (digest_of(KEYS, row),)


def version_subject(tenant: str, bank: str, number: int) -> str:
    """How the log names a version of a bank."""
    return f"{bank}@{number}:{hashlib.sha256(tenant.encode()).hexdigest()[:12]}"
