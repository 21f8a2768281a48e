"""The database: its engine, its transactions, its migrations. SQLite by default, PostgreSQL by address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from grader_api.errors import StoreUnavailable

_BUSY_MS = 10_000
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    f"busy_timeout={_BUSY_MS}",
)
_POOL = 16
_WRITES = "grader_writes"
_MIGRATION_LOCK = 4_707_141  # any number that no other program on the same PostgreSQL database locks


class Database:
    """Transactions on one database; safe for several threads.

    Raises:
        StoreUnavailable: the address is not one of a known database.
    """

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)

    @property
    def address(self) -> str:
        """The address, with its password and driver."""
        return self._engine.url.render_as_string(hide_password=False)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, rolled back on any error.

        Raises:
            StoreUnavailable: the database does not answer, or others write for too long.
        """
        writing = self._engine.execution_options(**{_WRITES: True})
        with _translated(), writing.begin() as connection:
            yield connection

    def migrate(self, to: str = "head") -> None:
        """Bring the tables to the newest form, or up to an older one; processes that start together take turns.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        _make_folder(self._engine)
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, to)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
        if url.drivername in {"postgresql", "postgres"}:
            url = url.set(drivername="postgresql+psycopg")
        if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
            raise StoreUnavailable("a SQLite database needs a file, as in sqlite:///FILE: what is in memory is lost")
        # parameters are what people wrote: they stay out of error texts
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=_POOL, max_overflow=_POOL)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnavailable(f"no database can be opened by the address given: {error}") from error
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(engine: Engine) -> None:
    if engine.url.drivername == "sqlite":
        try:
            Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"{engine.url.database}: {error.strerror}") from error


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Readers read while one writes; what was committed outlives a power cut, and what was erased is overwritten."""
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: one that read first could not wait for it."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise StoreUnavailable(f"the database is not one of this version: {error}") from error
    except DBAPIError as error:
        if type(error.orig) is sqlite3.DatabaseError:
            raise StoreUnavailable(f"the database cannot be read: {error.orig}") from error
        if error.connection_invalidated or _is_operational(error):
            raise StoreUnavailable(f"the database does not answer: {_first_line(error)}") from error
        raise


def _first_line(error: DBAPIError) -> str:
    """Why, for who runs the service; its clients are not told."""
    return next(iter(str(error.orig).splitlines()), type(error.orig).__name__)


def _is_operational(error: DBAPIError) -> bool:
    return any(parent.__name__ == "OperationalError" for parent in type(error.orig).__mro__)
