"""The keys of a tenant: made, listed, revoked, as clients see them."""

from __future__ import annotations

from sqlalchemy import Connection

from grader_api.problems import Kind, ProblemError
from grader_api.schemas import KeyCreate, KeyList, KeyMade, KeyOut
from grader_api.store import keys
from grader_api.store.keys import Key


def make_key(connection: Connection, tenant: str, actor: str, create: KeyCreate) -> KeyMade:
    """Make a key; the text that its owner sends is shown this once."""
    key, text = keys.create_key(connection, tenant, create.name, create.scopes, actor)
    return KeyMade(**_shown(key).model_dump(), key=text)


def list_keys(connection: Connection, tenant: str | None) -> KeyList:
    """The keys of a tenant, or of all."""
    return KeyList(items=tuple(map(_shown, keys.list_keys(connection, tenant))))


def revoke_key(connection: Connection, tenant: str | None, actor: str, key_id: str) -> KeyOut:
    """Revoke a key of a tenant, or of any.

    Raises:
        ProblemError: no valid key has the id.
    """
    revoked = keys.revoke_key(connection, key_id, tenant, actor) if key_id.isprintable() else None
    if revoked is None:
        raise ProblemError(Kind.UNKNOWN_KEY, f"no valid key has the id {key_id[:100]}")
    return _shown(revoked)


def _shown(key: Key) -> KeyOut:
    return KeyOut(
        id=key.id,
        tenant=key.tenant,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )
