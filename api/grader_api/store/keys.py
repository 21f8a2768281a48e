"""API keys: made, looked up, listed, revoked. Of the secret only its hash is kept.

A key is `grader_<id>_<secret>`. The secret has 256 random bits, which no search can find, so one round of SHA-256 keeps
it as well as a slow hash would, and costs each request nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from grader_api.scopes import Scope
from grader_api.store import log
from grader_api.store.digests import digest_of
from grader_api.store.log import Entry
from grader_api.store.tables import KEYS

SERVICE = "service"  # who makes keys beside the database
_FORM = re.compile(r"grader_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret."""

    id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None


def create_key(
    connection: Connection, tenant: str, name: str, scopes: Sequence[Scope], actor: str = SERVICE
) -> tuple[Key, str]:
    """Make a key; it, and the text that its owner sends, which cannot be shown again. `actor` is who made it."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    key = Key(key_id, tenant, name, frozenset(scopes), datetime.now(UTC), None)
    row: dict[str, Any] = {"id": key.id, "tenant": tenant, "name": name, "scopes": " ".join(sorted(key.scopes))}
    row |= {"secret_hash": _hash(secret), "created_at": key.created_at}
    connection.execute(insert(KEYS), row)
    detail = {"scopes": sorted(key.scopes), "digest": digest_of(KEYS, row)}
    log.append(connection, [Entry(tenant, actor, log.KEY_CREATED, key.id, detail)])
    return key, f"grader_{key_id}_{secret}"


def check_key(connection: Connection, sent: str) -> Key | None:
    """The key that a request carries, if it is a valid one."""
    form = _FORM.fullmatch(sent)
    if form is None:
        return None
    row = connection.execute(select(KEYS).where(KEYS.c.id == form[1])).one_or_none()
    # an unknown id is compared too, so that it takes as long as a wrong secret
    same = hmac.compare_digest(row.secret_hash if row is not None else "0" * 64, _hash(form[2]))
    return _key(row) if row is not None and same and row.revoked_at is None else None


def any_key(connection: Connection) -> bool:
    """Whether a key was ever made: a service whose keys are all revoked does not fall open."""
    return bool(connection.execute(select(exists(select(KEYS.c.id)))).scalar_one())


def list_keys(connection: Connection, tenant: str | None = None) -> list[Key]:
    """Every key, of this tenant if one is given, oldest first."""
    query = select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id)
    if tenant is not None:
        query = query.where(KEYS.c.tenant == tenant)
    return [_key(row) for row in connection.execute(query)]


def revoke_key(connection: Connection, key_id: str, tenant: str | None = None, actor: str = SERVICE) -> Key | None:
    """Revoke a key, of this tenant if one is given; None if there was none to revoke. `actor` is who does it."""
    valid = (KEYS.c.id == key_id) & KEYS.c.revoked_at.is_(None)
    if tenant is not None:
        valid &= KEYS.c.tenant == tenant
    revoked = update(KEYS).where(valid).values(revoked_at=datetime.now(UTC)).returning(*KEYS.c)
    row = connection.execute(revoked).one_or_none()
    if row is None:
        return None
    log.append(connection, [Entry(row.tenant, actor, log.KEY_REVOKED, key_id)])
    return _key(row)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Row[Any]) -> Key:  # Any: the columns of the table
    scopes = frozenset(map(Scope, row.scopes.split()))
    return Key(row.id, row.tenant, row.name, scopes, row.created_at, row.revoked_at)
