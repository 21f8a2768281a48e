"""What comes in: an answer, and the question that it answers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.bank.question import Criterion, Misconception, Text


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
