"""What grades in a cluster: a process that makes its grader once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeAlias

import pyarrow

from grader import __version__
from grader.batch.cluster.window import NumberedWindow, from_arrow, to_arrow
from grader.batch.local import Grades
from grader.batch.outcome import dumped, outcome
from grader.errors import ClusterError, GraderError
from grader.request import GradeRequest
from grader.scoring.result import Models


class NamedGrades(Grades, Protocol):
    """What grades answers, and says by what; a `Grader` does."""

    @property
    def models(self) -> Models:
        """What its grades rest on."""
        ...


Make: TypeAlias = Callable[[], NamedGrades]
"""Makes what grades; it travels to every worker."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What grades depend on in a process: the version of answer-grader and the models, with their precision."""

    version: str
    models: Mapping[str, str]

    def check(self, other: Identity) -> None:
        """See that another process would grade likewise.

        Raises:
            ClusterError: it would not.
        """
        if self != other:
            told = f"machines of the cluster would grade differently: {_told(self)} and {_told(other)}"
            raise ClusterError(f"{told}; install one version everywhere, and name the precision with --dtype")


def identify(make: Make) -> Identity:
    """What the grades of this process depend on.

    Raises:
        ClusterError: there is no grader to be made here; in the words of the error of ours that says why.
    """
    return _identity(_made(make))


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
            ClusterError: the grader cannot be made here, or would grade otherwise.
        """
        return pyarrow.concat_tables([to_arrow(self._graded(window)) for window in from_arrow(table)])

    @cached_property
    def _grader(self) -> NamedGrades:
        grader = _made(self._make)
        self._wanted.check(_identity(grader))
        return grader

    def _graded(self, window: NumberedWindow) -> NumberedWindow:
        requests = [GradeRequest.model_validate_json(text) for text in window.texts.values()]
        grades = self._grader.grade_many(requests) if requests else []
        texts = {key: dumped(outcome(grade)) for key, grade in zip(window.texts, grades, strict=True)}
        return replace(window, texts=texts)


def _made(make: Make) -> NamedGrades:
    try:
        return make()
    except GraderError as error:
        raise ClusterError(str(error)) from None  # one that survives the way between processes


def _identity(grader: NamedGrades) -> Identity:
    return Identity(__version__, dict(grader.models.named))


def _told(identity: Identity) -> str:
    models = ", ".join(f"{kind} {name}" for kind, name in identity.models.items())
    return f"{identity.version} with {models}"
