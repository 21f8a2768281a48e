"""What comes in: an answer, and the question that it answers."""

from __future__ import annotations

from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from grader.bank.library import Library
from grader.bank.question import Bank, Criterion, Misconception, MisplacedError, Question, Text, dotted
from grader.errors import Fault, UnusableQuestion

_ADHOC_ID = "sent-along"

Found: TypeAlias = tuple[Bank | None, Question]
"""A question, and its bank; None for a question that was sent along."""


class GradeRequest(BaseModel):
    """One answer to grade: to a bank's question by its id, or to a question sent along with its references."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str
    question_id: str | None = None
    question: Text | None = None
    references: tuple[Text, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    max_points: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    candidate_id: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_or_brings_a_question(self) -> Self:
        if (self.question_id is None) == (self.question is None):
            raise ValueError("give question_id, or question with references")
        if self.question is not None and not self.references:
            raise ValueError("a question that is in no bank needs at least one reference")
        if self.question_id is not None and (self.references or self.criteria or self.misconceptions):
            raise ValueError("a bank's question brings its own references, criteria and misconceptions")
        return self


def find_question(library: Library, request: GradeRequest) -> Found:
    """The question that a request names, or the one that it brings.

    Raises:
        UnknownQuestion: the library does not hold it.
        UnusableQuestion: the one that it brings cannot be a question; with the path of each fault.
    """
    if request.question_id is not None:
        return library.question(request.question_id)
    try:
        return None, Question(
            id=_ADHOC_ID,
            question=request.question or "",
            references=request.references,
            criteria=request.criteria,
            misconceptions=request.misconceptions,
            max_points=request.max_points,
        )
    except ValidationError as error:
        raise UnusableQuestion([_fault(detail) for detail in error.errors(include_url=False)]) from error


def _fault(detail: ErrorDetails) -> Fault:
    cause = detail.get("ctx", {}).get("error")
    place, reason = detail["loc"], detail["msg"].removeprefix("Value error, ")
    if isinstance(cause, MisplacedError):
        place, reason = place + cause.place, cause.reason
    return Fault("question", None, dotted(place), reason)
