"""The engine of several processes: a table's windows are graded side by side on this machine.

Reading, keywords and scoring are work for a processor and hold the interpreter's lock; a second process does them while
the first one encodes. Windows are kept in the rows' order, so the ledger and the table are those of the local engine.
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
from dataclasses import dataclass

from grader.batch.job import Engine, Left
from grader.batch.ledger import Ledger
from grader.batch.local import Progress, windows
from grader.batch.window import NumberedWindow, numbered
from grader.batch.worker import Identity, Make, Worker
from grader.encoders.device import compute_with
from grader.errors import EngineError

_AHEAD = 2  # windows for each process: one that it grades and one that waits


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes that grade, each with a grader of its own."""

    pool: ProcessPoolExecutor
    count: int

    def identity(self) -> Identity:
        """What the grades of one of them depend on, and so of all.

        Raises:
            EngineError: no grader can be made there.
        """
        with _translated():
            return self.pool.submit(_identity).result()

    def engine(self) -> Engine:
        """The engine that grades in them."""

        def grade(left: Left, ledger: Ledger, progress: Progress, stopped: Callable[[], bool]) -> bool:
            with left.read() as rows, _translated():
                asked = numbered(windows(rows, left.columns), left.done)
                with closing(self._graded(asked)) as coming:
                    for window in coming:
                        if stopped():
                            return False
                        ledger.keep(window.lines, window.texts.items())
                        progress(len(window.lines))
            return True

        return grade

    def _graded(self, asked: Iterable[NumberedWindow]) -> Generator[NumberedWindow, None, None]:
        """Windows in order, those behind them being graded meanwhile."""
        begun: deque[Future[NumberedWindow]] = deque()
        try:
            for window in asked:
                begun.append(self.pool.submit(_grade, window))
                if len(begun) == _AHEAD * self.count:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()


def cores() -> int:
    """How many this process may compute on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def started(make: Make, count: int) -> Iterator[Processes]:
    """Processes that grade, for as long as they are needed; they share the cores.

    Args:
        make: makes a grader in each of them.
        count: how many, from 1.
    """
    threads = max(1, cores() // count)
    spawning = multiprocessing.get_context("spawn")  # a fork of a process with threads may never come to life
    with ProcessPoolExecutor(count, spawning, initializer=_begin, initargs=(make, threads)) as pool:
        yield Processes(pool, count)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        told = "a process that grades has ended: killed, or out of memory"
        raise EngineError(f"{told}; the same command goes on, with fewer --processes if need be") from error


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


def _grade(window: NumberedWindow) -> NumberedWindow:
    return _worker.grade(window)
