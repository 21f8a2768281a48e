"""What each tenant may be graded by: the banks that come with the service, and the tenant's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from grader.bank.library import Library
from grader.bank.question import Bank
from grader_api.errors import QuestionTaken
from grader_api.store.banks import BankVersion, current_banks, stamp
from grader_api.store.database import Database

_FRESH_S = 0.5  # how long a tenant's banks are used before the database is asked whether they changed


@dataclass(frozen=True, slots=True)
class Shelf:
    """A tenant's library, with the number of each of its own banks' versions, and the ids of those deleted."""

    library: Library
    numbers: Mapping[str, int]
    deleted: frozenset[str]
    stamp: int


class Libraries:
    """The library of each tenant, read anew when its banks have changed. Safe for several threads."""

    def __init__(self, builtin: Library, database: Database) -> None:
        self._builtin, self._database = builtin, database
        self._shelves: dict[str, tuple[float, Shelf]] = {}
        self._lock = threading.Lock()

    @property
    def builtin(self) -> Library:
        """The banks that come with the service."""
        return self._builtin

    def fresh(self, tenant: str) -> Shelf | None:
        """A tenant's shelf, if it was looked at a moment ago; needs no database."""
        seen, shelf = self._shelves.get(tenant, (0.0, None))
        return shelf if time.monotonic() - seen < _FRESH_S else None

    def shelf(self, tenant: str) -> Shelf:
        """A tenant's shelf as the database has it now."""
        with self._lock:
            with self._database.read() as connection:
                newest = stamp(connection, tenant)
                _, known = self._shelves.get(tenant, (0.0, None))
                changed = known is None or known.stamp != newest
                versions = current_banks(connection, tenant) if changed else []
            shelf = self._build(versions, newest) if known is None or changed else known
            self._shelves[tenant] = (time.monotonic(), shelf)
            return shelf

    def check(self, shelf: Shelf, bank: Bank) -> None:
        """See that a bank may join a shelf, or replace its namesake there.

        Raises:
            QuestionTaken: another bank has a question of the same id.
        """
        others = {question.id: other.bank for other in shelf.library.banks for question in other.questions}
        for place, question in enumerate(bank.questions):
            if others.get(question.id, bank.bank) != bank.bank:
                raise QuestionTaken(place, question.id, others[question.id])

    def _build(self, versions: list[BankVersion], newest: int) -> Shelf:
        """The shelf of these versions. A bank that came with a newer release wins over a tenant's of the same name."""
        own = [Bank.model_validate_json(one.document) for one in versions if one.document is not None]
        taken = {bank.bank for bank in self._builtin.banks}
        questions = {question.id for bank in self._builtin.banks for question in bank.questions}
        kept = [bank for bank in own if bank.bank not in taken and questions.isdisjoint(q.id for q in bank.questions)]
        return Shelf(
            Library([*self._builtin.banks, *kept]),
            {one.bank: one.number for one in versions if one.document is not None},
            frozenset(one.bank for one in versions if one.document is None),
            newest,
        )
