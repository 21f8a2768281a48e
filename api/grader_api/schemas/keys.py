"""What clients send to make keys, and get."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from grader_api.schemas.parts import In, Line, Out
from grader_api.scopes import Scope


class KeyCreate(In):
    """A key to make, for the tenant of who asks."""

    name: Line = Field(description="Who or what will use the key.")
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope))]


class KeyOut(Out):
    """A key without its text."""

    id: str
    tenant: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked_at: datetime | None


class KeyMade(KeyOut):
    """A key that was made."""

    key: str | None = Field(description="Its text, shown this once; null where the request was answered before.")


class KeyList(Out):
    """Every key of the tenant, oldest first, revoked ones too."""

    items: tuple[KeyOut, ...]
