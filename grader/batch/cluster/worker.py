"""What grades in a cluster: a process that sees first that it would grade as the others do."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pyarrow

from grader.batch.cluster.arrow import from_arrow, to_arrow
from grader.batch.window import NumberedWindow
from grader.batch.worker import Identity, Make, Worker
from grader.errors import EngineError


class GradingWorker:
    """Grades windows; Ray Data makes one in each of its processes.

    Args:
        make: makes the grader, for the first window: what is raised then comes through as it is.
        wanted: what its grades have to depend on.
    """

    def __init__(self, make: Make, wanted: Identity) -> None:
        self._make, self._wanted = make, wanted

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """Windows with what is asked, to windows with what became of it.

        Raises:
            EngineError: the grader cannot be made here, or would grade otherwise.
        """
        return pyarrow.concat_tables([to_arrow(self._graded(window)) for window in from_arrow(table)])

    def _graded(self, window: NumberedWindow) -> NumberedWindow:
        return replace(window, texts=self._worker.grade(window.texts))

    @cached_property
    def _worker(self) -> Worker:
        worker = Worker(self._make)
        _check(self._wanted, worker.identity)
        return worker


def _check(one: Identity, other: Identity) -> None:
    if one != other:
        told = f"machines of the cluster would grade differently: {_told(one)} and {_told(other)}"
        raise EngineError(f"{told}; install one version everywhere, and name the precision with --dtype")


def _told(identity: Identity) -> str:
    models = ", ".join(f"{kind} {name}" for kind, name in identity.models.items())
    return f"{identity.version} with {models}"
