"""A table as Ray Data reads it: by our own reader, in one process on the machine that has the file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pyarrow
from ray.data import Datasource
from ray.data.block import BlockMetadata
from ray.data.context import DataContext
from ray.data.datasource import ReadTask

from grader.batch.cluster.arrow import to_arrow
from grader.batch.job import Left
from grader.batch.local import windows
from grader.batch.window import numbered
from grader.errors import EngineError, GraderError


class TableWindows(Datasource):
    """What is left of a table, a window a row."""

    def __init__(self, left: Left) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Ray leaves it untyped
        self._left = left

    @property
    def supports_distributed_reads(self) -> bool:
        """It is read where this process runs: the file need not be on the other machines."""
        return False

    def estimate_inmemory_data_size(self) -> int | None:
        """Nobody knows, in bytes."""
        return None

    def get_read_tasks(
        self,
        parallelism: int,  # noqa: ARG002 (a quote may span any line: a table has one reader)
        per_task_row_limit: int | None = None,
        data_context: DataContext | None = None,  # noqa: ARG002 (Ray Data's own)
    ) -> list[ReadTask]:
        """One, that reads it all."""
        metadata = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(partial(_read, self._left), metadata, per_task_row_limit=per_task_row_limit)]


def _read(left: Left) -> Iterator[pyarrow.Table]:
    try:
        with left.read() as rows:
            yield from map(to_arrow, numbered(windows(rows, left.columns), left.done))
    except GraderError as error:
        raise EngineError(str(error)) from None  # one that survives the way between processes
