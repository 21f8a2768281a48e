"""The engine of several processes: a table's windows are graded side by side on this machine.

Reading, keywords and scoring are work for a processor and hold the interpreter's lock; a second process does them while
the first one encodes. Windows are kept in the rows' order, as the local engine keeps them. Grades are its grades, but
for the last digits in bf16, where sums are rounded by how many threads share them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile

from grader.batch.job import Engine, Left
from grader.batch.ledger import Ledger
from grader.batch.local import Progress, windows
from grader.batch.window import NumberedWindow, Texts, numbered
from grader.batch.worker import Identity, Make, Worker
from grader.encoders.device import compute_with
from grader.errors import EngineError, TableError

Begun = deque[tuple[NumberedWindow, Future[Texts]]]


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes that grade, each with a grader of its own.

    Attributes:
        pool: they themselves.
        count: how many.
        identity: what the grades of one of them depend on, and so of all.
    """

    pool: ProcessPoolExecutor
    count: int
    identity: Identity

    def engine(self, different: int) -> Engine:
        """The engine that grades in them, so many different answers at a time."""

        def grade(left: Left, ledger: Ledger, progress: Progress, stopped: Callable[[], bool]) -> bool:
            with left.read() as rows:
                asked = numbered(windows(rows, left.columns, different), left.done)
                coming = self._graded(takewhile(lambda _: not stopped(), asked))
                with closing(coming), _dying_told(stopped):
                    for window in coming:
                        ledger.keep(window.lines, window.texts.items())
                        progress(len(window.lines))
            return ledger.done == left.total

        return grade

    def _graded(self, asked: Iterable[NumberedWindow]) -> Generator[NumberedWindow, None, None]:
        """Windows in order, those behind them being graded meanwhile; all that were begun, whatever ends the asking."""
        begun: Begun = deque()
        try:
            for window in asked:
                begun.append((window, self.pool.submit(_grade, window.texts)))
                if len(begun) > self.count:
                    yield _ended(begun)
        except TableError:
            while begun:
                yield _ended(begun)
            raise
        while begun:
            yield _ended(begun)


@contextmanager
def started(make: Make, count: int) -> Iterator[Processes]:
    """Processes that grade, for as long as they are needed; they share the cores.

    Args:
        make: makes a grader in each of them.
        count: how many, from 1.

    Raises:
        EngineError: no grader can be made there, or the system lets no more processes begin.
    """
    spawning = multiprocessing.get_context("spawn")  # a fork of a process with threads may never come to life
    threads = max(1, cores() // count)
    try:
        with ProcessPoolExecutor(count, spawning, initializer=_begin, initargs=(make, threads)) as pool:
            yield Processes(pool, count, _all_identities(pool, count)[0])
    except KeyboardInterrupt:  # a user who does not want to wait for what they have in hand
        for process in multiprocessing.active_children():
            process.terminate()
        raise


def cores() -> int:
    """How many this process may compute on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _all_identities(pool: ProcessPoolExecutor, count: int) -> list[Identity]:
    """Have every process begin, and make its grader."""
    try:
        with _interrupts_ignored(), _dying_told(lambda: False):
            asked = [pool.submit(_identity) for _ in range(count)]
        with _dying_told(lambda: False):
            return [future.result() for future in asked]
    except (OSError, ValueError) as error:
        raise EngineError(f"{count} processes cannot be begun: {error}") from error


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes that begin meanwhile ignore Ctrl-C from their first moment: it is for the one that began them."""
    if threading.current_thread() is not threading.main_thread():  # signals are set in the main thread alone
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _dying_told(stopped: Callable[[], bool]) -> Iterator[None]:
    """The death of a process as an error of ours, or as nothing where everything was asked to stop."""
    try:
        yield
    except BrokenProcessPool as error:
        if error.__cause__ is not None:  # not a death, but a result that cannot travel
            raise
        if not stopped():
            told = "a process that grades has ended: killed, or out of memory"
            raise EngineError(f"{told}; the same command goes on, with fewer --processes if need be") from error


def _ended(begun: Begun) -> NumberedWindow:
    window, future = begun.popleft()
    return replace(window, texts=future.result())


_worker: Worker


def _begin(make: Make, threads: int) -> None:
    """Make ready a process that grades; it ends with the one that began it, and leaves Ctrl-C to that."""
    global _worker  # noqa: PLW0603 (what a process was begun with can be kept nowhere else)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    compute_with(threads)
    _worker = Worker(make)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _identity() -> Identity:
    return _worker.identity


def _grade(texts: Texts) -> Texts:
    return _worker.grade(texts)
