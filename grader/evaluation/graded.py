"""Marked answers, graded: each mark beside the score that the grader gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.bank.library import Library
from grader.errors import DatasetError, Fault, UnknownQuestion
from grader.evaluation.datasets import MarkedAnswer
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

_AT_ONCE = 256  # answers between two steps of a progress bar

Progress = Callable[[int], None]
"""Called with the number of answers that were done since the last call."""


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """A marked answer and what the grader made of it.

    Attributes:
        score: in [0, 1]; None where the answer could not be graded.
        low: where the grade's interval begins, in [0, 1]; 0 where there is no grade.
        high: where it ends; 1 where there is no grade.
        error: why it could not be graded, or None.
        cap: the most that guards and claimed misconceptions leave, in [0, 1].
    """

    marked: MarkedAnswer
    score: float | None
    low: float
    high: float
    needs_review: bool
    flags: tuple[str, ...]
    error: str | None
    cap: float = 1.0

    @property
    def doubt(self) -> float:
        """The width of the grade's interval, in [0, 1]."""
        return self.high - self.low


def complete(path: Path, marked: Sequence[MarkedAnswer], library: Library) -> tuple[MarkedAnswer, ...]:
    """The answers with the question's text and references: those of the file, else those of the bank's question.

    Raises:
        DatasetError: a row has no reference and no bank holds its question, or a reference without a question; with the
            line of each.
    """
    faults: list[Fault] = []
    completed: list[MarkedAnswer] = []
    for answer in marked:
        try:
            completed.append(_completed(answer, library))
        except _UnusableError as error:
            faults.append(Fault(str(path), answer.line, "reference", str(error)))
    if faults:
        raise DatasetError(faults)
    return tuple(completed)


class _UnusableError(ValueError):
    """A row whose question cannot be asked."""


def _completed(answer: MarkedAnswer, library: Library) -> MarkedAnswer:
    if not answer.references:
        try:
            _, question = library.question(answer.question_id)
        except UnknownQuestion as error:
            raise _UnusableError(f"is empty, and no bank at hand holds the question: {error}") from error
        return dataclasses.replace(answer, question=question.question, references=())
    if not answer.question:
        raise _UnusableError("stands without a question: add the column question")
    return answer


def grade_marked(marked: Sequence[MarkedAnswer], grader: Grader, progress: Progress) -> tuple[GradedAnswer, ...]:
    """Grade completed answers, in order; one that cannot be graded has an `error` and no score.

    Those with references are graded by them, the others by the rubric of the bank's question.
    """
    # One question's answers together, so that its rubric is prepared once however many questions there are.
    places = sorted(range(len(marked)), key=lambda place: (marked[place].question_id, place))
    grades: dict[int, Grade] = {}
    for first in range(0, len(places), _AT_ONCE):
        some = places[first : first + _AT_ONCE]
        grades.update(zip(some, grader.grade_many([_request(marked[place]) for place in some]), strict=True))
        progress(len(some))
    return tuple(_graded(answer, grades[place]) for place, answer in enumerate(marked))


def _request(answer: MarkedAnswer) -> GradeRequest:
    if not answer.references:
        return GradeRequest(answer=answer.answer, question_id=answer.question_id)
    return GradeRequest(answer=answer.answer, question=answer.question, references=answer.references)


def _graded(answer: MarkedAnswer, grade: Grade) -> GradedAnswer:
    interval = grade.confidence
    return GradedAnswer(
        marked=answer,
        score=grade.score,
        low=interval.low if interval else 0.0,
        high=interval.high if interval else 1.0,
        needs_review=grade.needs_review,
        flags=tuple(flag.flag.value for flag in grade.flags),
        error=grade.error.message if grade.error else None,
        cap=min((flag.cap for flag in grade.flags), default=1.0),
    )


def with_references(answers: Sequence[MarkedAnswer], library: Library) -> Iterator[MarkedAnswer]:
    """Completed answers with references in any case: those of the bank's question where the file has none."""
    for answer in answers:
        if answer.references:
            yield answer
        else:
            yield dataclasses.replace(answer, references=library.question(answer.question_id)[1].references)
