"""A batch: from a table to the finished table, with progress that outlives the process."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

from grader import __version__
from grader.batch.columns import GRADED, carried_names, match_columns
from grader.batch.ledger import Fingerprint, Finished, Ledger
from grader.batch.local import Grades, Progress, grade_rows
from grader.batch.survey import Choice, Survey, chosen_count, chosen_rows
from grader.batch.tables.formats import Format
from grader.batch.tables.reading import Layout
from grader.batch.tables.row import Cell, Kind, Row, RowError
from grader.batch.tables.writing import write_table
from grader.errors import OutputError, ProgressError, ProgressTaken


@dataclass(frozen=True, slots=True)
class Source:
    """A table to be graded.

    Attributes:
        path: a file that can be read more than once.
        name: how to call it.
        layout: how to read it.
        choice: which of its rows.
        mapping: our columns to the file's, as the user gave them.
    """

    path: Path
    name: str
    layout: Layout
    choice: Choice = field(default_factory=Choice)
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """What of a table is to be graded still.

    Attributes:
        source: the table.
        columns: the table's own name for each of ours.
        within: how many rows its limit leaves.
        done: how many of the chosen rows are graded: the first ones.
    """

    source: Source
    columns: Mapping[str, str]
    within: int
    done: int

    @property
    def total(self) -> int:
        """How many rows are chosen, those that are done too."""
        return chosen_count(self.source.choice, self.within)

    def read(self) -> AbstractContextManager[Iterator[Row | RowError]]:
        """The rows that are not done, in order.

        Raises:
            TableError: the table cannot be read on; also while they are read.
        """
        source = self.source
        return chosen_rows(source.path, source.layout, source.name, source.choice, self.within, self.done)


class Engine(Protocol):
    """Grades what is left of a table into the ledger, in order."""

    def __call__(self, left: Left, ledger: Ledger, progress: Progress, stopped: Callable[[], bool], /) -> bool:
        """Whether all rows are done; `progress` is told of those that were done since, `stopped` asked in between."""
        ...


def fingerprint(
    source: Source, found: Survey, banks: Mapping[str, str], graded_by: Mapping[str, object]
) -> Fingerprint:
    """What the outcomes of a batch depend on.

    Args:
        source: the table.
        found: what it holds.
        banks: their ids and content hashes.
        graded_by: the models and whatever else decides on grades.
    """
    layout = source.layout
    reading = [str(layout.format), layout.encoding, found.delimiter, dict(source.mapping)]
    choice = source.choice
    return {
        "input": found.digest,
        "reading of the input": json.dumps(reading, sort_keys=True),
        "choice of rows": json.dumps([choice.limit, choice.sample, choice.seed]),
        "banks": hashlib.sha256(json.dumps(sorted(banks.items())).encode()).hexdigest(),
        "models or settings": json.dumps(dict(graded_by), sort_keys=True),
        "version of answer-grader": __version__,
    }


@dataclass(frozen=True, slots=True)
class Target:
    """Where the graded table goes.

    Attributes:
        output: the file.
        format: how it is written.
        only_errors: whether rows that were graded are left out.
    """

    output: Path
    format: Format
    only_errors: bool = False

    @property
    def ledger(self) -> Path:
        """Where progress lies until the output is complete."""
        return self.output.with_name(f"{self.output.name}.progress")

    @property
    def unfinished(self) -> Self:
        """Where the rows go that are done so far."""
        stem, dot, ending = self.output.name.partition(".")
        return replace(self, output=self.output.with_name(f"{stem}.partial{dot}{ending}"))


def run(
    source: Source,
    found: Survey,
    grader: Grades,
    ledger: Ledger,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Grade the rows that the ledger does not hold yet; whether all are done now.

    Raises:
        TableError: the table lacks columns, or cannot be read to its end.
        OutputError: the ledger cannot be written.
    """
    return run_by(local_engine(grader), source, found, ledger, progress, stopped)


def run_by(
    engine: Engine,
    source: Source,
    found: Survey,
    ledger: Ledger,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """The same by any engine.

    Raises:
        TableError, OutputError: as for `run`.
        EngineError: the engine grades in other processes, and these fail.
    """
    left = Left(source, match_columns(found.columns, source.mapping, source.name), found.rows, ledger.done)
    progress(left.done)
    if left.done < left.total and not engine(left, ledger, progress, stopped):
        return False
    ledger.complete()
    return True


def local_engine(grader: Grades) -> Engine:
    """The engine that grades in this process."""

    def grade(left: Left, ledger: Ledger, progress: Progress, stopped: Callable[[], bool]) -> bool:
        with left.read() as rows:
            return grade_rows(rows, left.columns, grader, ledger, progress, stopped)

    return grade


def write_output(target: Target, found: Survey, ledger: Ledger) -> None:
    """Write what the ledger holds, under another name first: the output is whole or not there.

    Raises:
        OutputError: it cannot be written.
        ExtraMissing: the format's library is not installed.
    """
    output = target.output
    part = output.with_name(f".{output.name}.part")
    try:
        write_rows(replace(target, output=part), found.columns, found.kinds, ledger.finished())
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(output)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def write_rows(target: Target, columns: Sequence[str], kinds: Mapping[str, Kind], rows: Iterable[Finished]) -> None:
    """Write finished rows to a file.

    Args:
        target: the file.
        columns: those of the input, in order.
        kinds: what typed columns of the input hold.
        rows: in the input's order.

    Raises:
        OutputError: it cannot be written.
        ExtraMissing: the format's library is not installed.
    """
    names = carried_names(columns)
    held = {new: kinds[old] for old, new in names.items() if old in kinds} | dict(GRADED)
    lines = _lines(rows, names, only_errors=target.only_errors)
    write_table(target.output, target.format, [*names.values(), *GRADED], held, lines)


def restart(ledger: Path) -> None:
    """Throw earlier progress away, whatever the file holds.

    Raises:
        ProgressTaken: another process is at it.
    """
    if ledger.is_file():
        try:
            with Ledger.open(ledger):
                pass
        except ProgressTaken:
            raise
        except ProgressError:
            pass  # no progress that could be read: all the more to be thrown away
        discard(ledger)


def discard(ledger: Path) -> None:
    """Throw progress away."""
    for path in (ledger, ledger.with_name(f"{ledger.name}-journal")):
        with suppress(FileNotFoundError):
            path.unlink()


def _lines(rows: Iterable[Finished], names: Mapping[str, str], *, only_errors: bool) -> Iterator[dict[str, Cell]]:
    for row in rows:
        if not only_errors or row.outcome.cells["error"] is not None:
            yield _line(row, names)


def _line(row: Finished, names: Mapping[str, str]) -> dict[str, Cell]:
    kept = {new: row.cells[old] for old, new in names.items() if old in row.cells}
    return {**kept, **dict.fromkeys(GRADED), **row.outcome.cells}
