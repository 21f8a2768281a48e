"""What clients send to have stored answers graded again, and get."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from grader.grade import Unit
from grader_api.schemas.parts import Cursor, In, Line, Out


class RegradeCreate(In):
    """Grade stored answers again, by the banks as they are now: those of a question, or of a bank, or some grades.

    Grades that a person has decided about are left alone.
    """

    question_id: Line | None = None
    bank: Line | None = None
    grade_ids: Annotated[tuple[Line, ...], Field(max_length=500)] | None = None
    dry_run: bool = Field(default=True, description="Only tell what would change.")
    cursor: Cursor | None = Field(default=None, description="`next_cursor` of the call before, to go on.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(part is not None for part in (self.question_id, self.bank, self.grade_ids)) != 1:
            raise ValueError("give one of question_id, bank and grade_ids")
        return self


class RegradeChange(Out):
    """A stored answer whose grade changes; `new_id` is null in a dry run. `crosses` tells how it passes the mark."""

    grade_id: str
    new_id: str | None
    question_id: str | None
    candidate_id: str | None
    score_before: Unit
    score_after: Unit
    crosses: Literal["to_passed", "to_failed"] | None


class RegradeOut(Out):
    """What changed, or would: `unchanged` have the same score as before, `skipped` were decided by a person."""

    dry_run: bool
    considered: int
    unchanged: int
    skipped: tuple[str, ...]
    failed: tuple[str, ...] = Field(description="Grades whose question is in no bank any more.")
    changes: tuple[RegradeChange, ...]
    next_cursor: str | None
