"""Digests of rows, which the log keeps: a row that is changed has another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import Table

from grader_api.store.tables import BANKS, GRADES, KEYS, OVERRIDES, REVISIONS

_TOLD = {
    GRADES: (
        "id tenant question_id bank candidate_id label needs_review passed score supersedes actor salt request grade"
    ),
    OVERRIDES: "id grade_id actor salt override",
    REVISIONS: "id grade_id actor salt stands label needs_review passed score grade",
    BANKS: "tenant bank number version document actor",
    KEYS: "id tenant name scopes secret_hash",
}


def digest(values: Sequence[Any]) -> str:  # Any: a row's values
    """The SHA-256 of values, in hex."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def digest_of(table: Table, row: Mapping[str, Any]) -> str:  # Any: as above
    """The digest of a row of grades, overrides, revisions, bank versions or keys: all of it that may never change."""
    made = row["created_at"].astimezone(UTC).isoformat(timespec="microseconds")
    return digest([*(row[name] for name in _TOLD[table].split()), made])


def older_digest_of(table: Table, row: Mapping[str, Any]) -> str:  # Any: as above
    """The digest that logs of older releases keep, which leaves out the time."""
    return digest([row[name] for name in _TOLD[table].split()])
