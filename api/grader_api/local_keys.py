"""The keys of a database at hand, without a service: what `grader_api.client.Client` does with those of one."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from grader_api.keyring import list_keys, make_key, revoke_key
from grader_api.schemas import KeyCreate, KeyMade, KeyOut
from grader_api.store.database import Database
from grader_api.store.keys import SERVICE


class LocalKeys:
    """The keys in a database that this process opens itself: it sees those of every tenant.

    Args:
        url: the database's address.
        tenant: whose keys are made.

    Raises:
        StoreUnavailable: the database cannot be opened.
    """

    def __init__(self, url: str, tenant: str) -> None:
        self._database, self._tenant = Database(url), tenant

    def __enter__(self) -> Self:
        self._database.migrate()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def create_key(self, create: KeyCreate) -> KeyMade:
        """Make a key; its text is shown this once."""
        with self._database.write() as connection:
            return make_key(connection, self._tenant, SERVICE, create)

    def list_keys(self) -> tuple[KeyOut, ...]:
        """Every key, oldest first, revoked ones too."""
        with self._database.read() as connection:
            return list_keys(connection, None).items

    def revoke_key(self, key_id: str) -> KeyOut:
        """Revoke a key.

        Raises:
            ProblemError: no valid key has the id.
        """
        with self._database.write() as connection:
            return revoke_key(connection, None, SERVICE, key_id)
