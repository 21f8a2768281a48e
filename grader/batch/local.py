"""The local engine: rows in, a window at a time, into the ledger.

A window is read while the one before it is graded, so that what is in memory does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Protocol, TypeVar

from grader.batch.asking import Asked, ask
from grader.batch.ledger import Ledger
from grader.batch.outcome import outcome
from grader.batch.tables.row import Row, RowError
from grader.grade import Grade
from grader.request import GradeRequest

_DIFFERENT = 256  # answers graded between two commits: some seconds of work, all that a kill can cost
_ROWS = 4096  # of a window, where many are equal

T = TypeVar("T")
Window = Sequence[Asked | RowError]
"""Rows that are graded, and kept, together."""
Progress = Callable[[int], None]
"""Called with the number of rows that were done since the last call."""


class Grades(Protocol):
    """What grades answers; a `Grader` does."""

    def grade_many(self, requests: Sequence[GradeRequest], /) -> list[Grade]:
        """Grades in order; what cannot be graded has an error."""
        ...


def grade_rows(
    rows: Iterable[Row | RowError],
    columns: Mapping[str, str],
    grader: Grades,
    ledger: Ledger,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Grade rows into the ledger, each different answer to a question once.

    Args:
        rows: those that the ledger does not hold yet, in order.
        columns: the table's own name for each of ours.
        grader: what grades; only this thread calls it.
        ledger: where rows and outcomes are kept.
        progress: told after each window.
        stopped: asked after each window whether to leave the rest.

    Returns:
        Whether all rows are done.

    Raises:
        TableError: the table cannot be read on; what was read before is kept.
        OutputError: the ledger cannot be written.
    """
    with closing(_ahead(windows(rows, columns))) as coming:
        for window in coming:
            if stopped():
                return False
            fresh = _fresh(window, ledger)
            grades = grader.grade_many(list(fresh.values())) if fresh else []
            ledger.add(window, ((key, outcome(grade)) for key, grade in zip(fresh, grades, strict=True)))
            progress(len(window))
    return True


def _fresh(window: Window, ledger: Ledger) -> dict[bytes, GradeRequest]:
    """What of a window is not graded yet, each answer to a question once, long beside long."""
    asked = {row.key: row.request for row in window if isinstance(row, Asked)}
    known = ledger.known(list(asked))
    fresh = [(key, request) for key, request in asked.items() if key not in known]
    return dict(sorted(fresh, key=lambda one: (len(one[1].answer), one[0])))


def windows(
    rows: Iterable[Row | RowError], columns: Mapping[str, str], different: int = _DIFFERENT
) -> Iterator[Window]:
    """The rows, as they can be asked, in windows of so many different answers at most.

    The same rows always make the same windows.
    """
    window: list[Asked | RowError] = []
    keys = set[bytes]()
    for row in (ask(row, columns) if isinstance(row, Row) else row for row in rows):
        window.append(row)
        if isinstance(row, Asked):
            keys.add(row.key)
        if len(keys) == different or len(window) == _ROWS:
            yield window
            window, keys = [], set()
    if window:
        yield window


def _ahead(values: Iterator[T]) -> Generator[T, None, None]:
    """The values, the next one being made while one is used."""
    end = object()
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:
        coming = reader.submit(next, values, end)
        while (value := coming.result()) is not end:
            coming = reader.submit(next, values, end)
            yield value  # type: ignore[misc]  # it is a T: `end` alone is none
