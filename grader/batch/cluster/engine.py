"""The engine itself: from what is left of a table, through the cluster's processes, into the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager

import ray
from ray.data import ActorPoolStrategy, DataContext, Dataset, read_datasource
from ray.exceptions import RayError

from grader.batch.cluster.arrow import from_arrow
from grader.batch.cluster.connection import machines
from grader.batch.cluster.order import in_order
from grader.batch.cluster.reading import TableWindows
from grader.batch.cluster.share import Share
from grader.batch.cluster.worker import GradingWorker
from grader.batch.job import Engine, Left
from grader.batch.ledger import Ledger
from grader.batch.local import Progress
from grader.batch.window import NumberedWindow
from grader.batch.worker import Identity, Make, identify
from grader.errors import EngineError


def ask_identity(make: Make, share: Share) -> Identity:
    """What the grades of the cluster's processes depend on, as one of them tells.

    Raises:
        EngineError: no grader can be made there.
    """
    asked = ray.remote(num_cpus=share.cores, num_gpus=share.gpu or 0)(identify)
    with translated():
        return ray.get(asked.remote(make))


def cluster_engine(make: Make, share: Share, identity: Identity) -> Engine:
    """The engine that grades on the cluster that this process is connected to.

    Args:
        make: makes a grader in each process.
        share: what each process gets.
        identity: what the grades of all of them have to depend on.
    """

    def grade(left: Left, ledger: Ledger, progress: Progress, stopped: Callable[[], bool]) -> bool:
        with translated(), closing(_windows(_pipeline(left, make, share, identity))) as coming:
            for window in in_order(coming, left.done, left.total):
                if stopped():
                    return False
                ledger.keep(window.lines, window.texts.items())
                progress(len(window.lines))
        return True

    return grade


@contextmanager
def translated() -> Iterator[None]:
    """What Ray raises, as errors of ours.

    Raises:
        EngineError: in the words of the error of ours that was raised in the cluster, or of Ray's.
    """
    try:
        yield
    except RayError as error:
        raise _told(error) from error


def _pipeline(left: Left, make: Make, share: Share, identity: Identity) -> Dataset:
    with DataContext.current(_context()):
        windows = read_datasource(TableWindows(left), override_num_blocks=1, num_cpus=0)
        graded: Dataset = windows.map_batches(
            GradingWorker,
            fn_constructor_args=(make, identity),
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=share.fit(machines())),
            num_cpus=share.cores,
            num_gpus=share.gpu,
        )
    return graded


def _context() -> DataContext:
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.raise_original_map_exception = True  # ours tell more than that a function failed
    context.target_max_block_size = 1  # byte: every window is a block, and goes to whoever is free
    context.execution_options.preserve_order = True  # so that few windows wait for those before them
    return context


def _windows(pipeline: Dataset) -> Generator[NumberedWindow, None, None]:
    for table in pipeline.iter_batches(batch_size=None, batch_format="pyarrow"):
        yield from from_arrow(table)


def _told(error: BaseException) -> EngineError:
    """An error of ours that was raised in the cluster in its own words; any other by its first line."""
    cause: BaseException | None = error
    while cause is not None:
        inner = getattr(cause, "cause", None)  # where Ray keeps what was raised in another process
        if isinstance(inner, EngineError):
            return EngineError(str(inner))
        cause = cause.__cause__ or cause.__context__
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return EngineError(f"the cluster failed: {lines[0]}")
