"""What grades in a process of its own, with a grader that it makes once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

from grader import __version__
from grader.batch.local import Grades
from grader.batch.outcome import dumped, outcome
from grader.batch.window import Texts
from grader.errors import EngineError, GraderError
from grader.request import GradeRequest
from grader.scoring.result import Models


class NamedGrades(Grades, Protocol):
    """What grades answers, and says by what; a `Grader` does."""

    @property
    def models(self) -> Models:
        """What its grades rest on."""
        ...


Make: TypeAlias = Callable[[], NamedGrades]
"""Makes what grades; it travels to every process."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What grades depend on in a process: the version of answer-grader and the models, with their precision."""

    version: str
    models: Mapping[str, str]


class Worker:
    """Grades what travels to it.

    Args:
        make: makes the grader, when it is first needed: what is raised then comes through as it is.
    """

    def __init__(self, make: Make) -> None:
        self._make = make

    @property
    def identity(self) -> Identity:
        """What its grades depend on.

        Raises:
            EngineError: there is no grader to be made here; in the words of the error of ours that says why.
        """
        return Identity(__version__, dict(self._grader.models.named))

    def grade(self, texts: Texts) -> Texts:
        """What is asked, to what became of it.

        Raises:
            EngineError: as for `identity`.
        """
        requests = [GradeRequest.model_validate_json(text) for text in texts.values()]
        grades = self._grader.grade_many(requests) if requests else []
        return {key: dumped(outcome(grade)) for key, grade in zip(texts, grades, strict=True)}

    @cached_property
    def _grader(self) -> NamedGrades:
        try:
            return self._make()
        except GraderError as error:
            raise EngineError(str(error)) from None  # one that survives the way between processes


def identify(make: Make) -> Identity:
    """What the grades of this process depend on.

    Raises:
        EngineError: as for `Worker.identity`.
    """
    return Worker(make).identity
