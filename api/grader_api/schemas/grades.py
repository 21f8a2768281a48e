"""What clients send and get of grades, beside the grade itself (grader.grade)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from grader.bank.question import Criterion, Id, Misconception, Text
from grader.grade import Amount, Grade, Label, Unit, Verdict
from grader.request import GradeRequest
from grader_api.problems import ProblemOut
from grader_api.schemas.parts import Cursor, In, Limit, Line, Moment, Out

_Short = Annotated[str, StringConstraints(max_length=500)]


class GradeCreate(GradeRequest):
    """An answer to grade: to a bank's question by its id, or to a question sent along with its references."""

    question_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    references: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    criteria: Annotated[tuple[Criterion, ...], Field(max_length=40)] = ()
    misconceptions: Annotated[tuple[Misconception, ...], Field(max_length=40)] = ()
    max_points: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = 10.0
    candidate_id: Line | None = None
    metadata: Annotated[dict[Annotated[str, StringConstraints(max_length=100)], _Short], Field(max_length=32)] = Field(
        default_factory=dict
    )


class GradesCreate(In):
    """Several answers in one call. A faulty one does not keep the others from being graded."""

    requests: Annotated[tuple[GradeCreate, ...], Field(min_length=1)]


class Decision(Out):
    """What holds in the end: the machine's grade, or the last that a person decided."""

    by: Literal["machine", "person"]
    score: Unit
    points: Amount
    passed: bool
    label: Label


class OverrideCreate(In):
    """A person's decision: a score, or verdicts for criteria, from which the score follows."""

    author: Line
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    score: Unit | None = None
    verdicts: Annotated[dict[Id, Verdict], Field(max_length=40)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if self.score is None and not self.verdicts:
            raise ValueError("give score or verdicts")
        return self


class OverrideOut(Out):
    """A person's decision about a grade, with what follows from it."""

    id: str
    created_at: datetime
    author: str
    reason: str
    score: Unit
    points: Amount
    passed: bool
    label: Label
    verdicts: dict[str, Verdict]


RevisionStatus = Literal["pending", "done", "unscored"]


class PastGrade(Out):
    """A grade that the machine made of the same answer, and which is not the one shown."""

    created_at: datetime
    grade: Grade


class GradeOut(Grade):
    """A grade that is kept: what the machine found last. `final` is what holds, after overrides."""

    id: str
    created_at: datetime
    answer: str
    supersedes: str | None = Field(default=None, description="The grade that this one, made again, replaces.")
    superseded_by: str | None = None
    overrides: tuple[OverrideOut, ...] = ()
    revision: RevisionStatus | None = Field(
        default=None,
        description="Where the language model's revision stands: it is asked, its verdicts are in, or it gave none and "
        "`remote` says why. Null where none is asked.",
    )
    history: tuple[PastGrade, ...] = Field(
        default=(), description="The grade before its revision; or the revision, where a person had decided before."
    )
    final: Decision


class GradeResult(Out):
    """One answer's result in a call with several: a grade, or the problem with it."""

    grade: GradeOut | None = None
    problem: ProblemOut | None = None


class GradeResults(Out):
    """The results of a call with several answers, in the order of its requests."""

    results: tuple[GradeResult, ...]


class GradePage(Out):
    """Grades, newest first; `next_cursor` asks for the following page and is null on the last."""

    items: tuple[GradeOut, ...]
    next_cursor: str | None


class GradeFilters(In):
    """Which grades to list."""

    question_id: Line | None = None
    bank: Line | None = None
    candidate_id: Line | None = None
    label: Label | None = None
    needs_review: bool | None = None
    passed: bool | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None
    superseded: bool = Field(default=False, description="List grades too that were made again since.")
    decided: bool | None = Field(default=None, description="Whether a person has decided about the grade.")
    limit: Limit = 50
    cursor: Cursor | None = None
