"""What is done of a batch, in one SQLite file: rows and what became of them, committed together.

A process that is killed loses the rows in hand and no other; the next one goes on behind the last that is kept. Equal
answers to the same question share one outcome.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from grader.batch.asking import Asked
from grader.batch.outcome import Outcome, dumped, loaded, unread
from grader.batch.tables.row import Cell, RowError
from grader.errors import OutputError, ProgressChanged, ProgressError, ProgressTaken

_VERSION = 1  # of the tables below
_CACHE = 65_536  # KiB of pages in memory: keys come in no order, and millions of them are looked up
_AT_ONCE = 500  # keys asked for in one query
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE outcomes (key BLOB PRIMARY KEY, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE lines (
    position INTEGER PRIMARY KEY, line INTEGER NOT NULL, question TEXT NOT NULL, cells TEXT NOT NULL,
    key BLOB, fault TEXT
);
"""

Fingerprint = Mapping[str, str]
"""What progress depends on, each part in words that name it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A row with what became of it."""

    line: int
    question: str
    cells: Mapping[str, Cell]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is kept.

    Attributes:
        line: where it begins.
        question: its id or text; empty where nothing could be asked.
        cells: as JSON.
        key: of its answer (see `Asked`); None where nothing could be asked.
        fault: as JSON, why not; None where something was.
    """

    line: int
    question: str
    cells: str
    key: bytes | None
    fault: str | None


def line_of(row: Asked | RowError) -> Line:
    """A row as it is kept."""
    if isinstance(row, RowError):
        told = {"line": row.line, "reason": row.reason, "column": row.column}
        return Line(row.line, "", json.dumps(dict(row.cells)), None, json.dumps(told))
    return Line(row.row.line, row.question, json.dumps(dict(row.row.cells)), row.key, None)


class Ledger:
    """The progress of one batch; held by one process at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open the ledger in a file, making it if it is not there.

        Raises:
            ProgressTaken: another process holds it.
            ProgressError: the file is no ledger of this version.
            OutputError: it cannot be made or written.
        """
        with _translated(path):
            connection = sqlite3.connect(path, timeout=0.5, isolation_level=None)
        try:
            with _translated(path):
                _prepare(connection, path)
            yield cls(path, connection)
        finally:
            connection.close()

    def begin(self, fingerprint: Fingerprint) -> None:
        """Say what the rows depend on, or find that they depend on the same as before.

        Raises:
            ProgressChanged: they depend on something else.
        """
        known = self._fact("fingerprint")
        if known is None or not self.done:
            self._set("fingerprint", json.dumps(dict(fingerprint)))
            return
        before = json.loads(known)
        changed = [name for name in {**fingerprint, **before} if before.get(name) != fingerprint.get(name)]
        if changed:
            raise ProgressChanged(self.path, changed)

    @property
    def done(self) -> int:
        """How many rows are kept: always the first ones."""
        (count,) = self._connection.execute("SELECT coalesce(max(position) + 1, 0) FROM lines").fetchone()
        return int(count)

    @property
    def distinct(self) -> int:
        """How many different answers were graded."""
        (count,) = self._connection.execute("SELECT count(*) FROM outcomes").fetchone()
        return int(count)

    @property
    def is_complete(self) -> bool:
        """Whether all rows are kept and the output may have been written."""
        return self._fact("complete") is not None

    def complete(self) -> None:
        """Say that all rows are kept."""
        self._set("complete", "yes")

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Which of these are graded already."""
        found = set[bytes]()
        for first in range(0, len(keys), _AT_ONCE):
            part = keys[first : first + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            query = f"SELECT key FROM outcomes WHERE key IN ({marks})"  # noqa: S608 (question marks only)
            found.update(key for (key,) in self._connection.execute(query, part))
        return found

    def add(self, rows: Sequence[Asked | RowError], outcomes: Iterable[tuple[bytes, Outcome]]) -> None:
        """Keep the next rows, and the outcomes that are new among theirs, all or none.

        Raises:
            OutputError: they cannot be written.
        """
        self.keep(map(line_of, rows), ((key, dumped(outcome)) for key, outcome in outcomes))

    def keep(self, lines: Iterable[Line], outcomes: Iterable[tuple[bytes, str]]) -> None:
        """Keep the next rows as they are kept, and outcomes as JSON, all or none.

        Of two outcomes of one key, the first stays: equal answers that are graded twice have the same.

        Raises:
            OutputError: they cannot be written.
        """
        first = self.done
        with _translated(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT OR IGNORE INTO outcomes VALUES (?, ?)", outcomes)
                self._connection.executemany(
                    "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)",
                    ((place, *astuple(line)) for place, line in enumerate(lines, start=first)),
                )
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def finished(self) -> Iterator[Finished]:
        """Every row that is kept, in order."""
        query = """
            SELECT line, question, cells, fault, outcome FROM lines LEFT JOIN outcomes USING (key) ORDER BY position
        """
        for line, question, cells, fault, outcome in self._connection.execute(query):
            became = unread(RowError(**json.loads(fault))) if outcome is None else loaded(outcome)
            yield Finished(line, question, json.loads(cells), became)

    def _fact(self, name: str) -> str | None:
        found = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def _set(self, name: str, value: str) -> None:
        with _translated(self.path):
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Take the file for this process alone, for as long as the connection is open, and make the tables."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")
    connection.execute("BEGIN EXCLUSIVE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and tables == 0:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    elif version != _VERSION:
        raise ProgressError(f"{path} is no progress of this version's: --restart throws it away and begins anew")
    connection.execute("COMMIT")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise ProgressTaken(path) from error
        raise OutputError(f"{path}: cannot be written: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ProgressError(f"{path} is no progress of a batch ({error}): --restart throws it away") from error
