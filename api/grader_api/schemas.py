"""What clients send and get, beside the grade itself (grader.grade) and the bank (grader.bank.question)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from grader.bank.question import Bank, Criterion, Exemplar, Id, Misconception, Text
from grader.grade import Amount, Grade, Label, Unit, Verdict
from grader.request import GradeRequest
from grader_api.problems import FaultOut, ProblemOut

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Text on one line: no control characters."""

_Short = Annotated[str, StringConstraints(max_length=500)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def _utc(moment: datetime) -> datetime:
    """A time in UTC; one without a zone is meant so."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the years 1 to 9999") from error


Moment = Annotated[datetime, AfterValidator(_utc)]


class _In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


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


class GradesCreate(_In):
    """Several answers in one call. A faulty one does not keep the others from being graded."""

    requests: Annotated[tuple[GradeCreate, ...], Field(min_length=1)]


class Decision(_Out):
    """What holds in the end: the machine's grade, or the last that a person decided."""

    by: Literal["machine", "person"]
    score: Unit
    points: Amount
    passed: bool
    label: Label


class OverrideCreate(_In):
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


class OverrideOut(_Out):
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


class PastGrade(_Out):
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


class GradeResult(_Out):
    """One answer's result in a call with several: a grade, or the problem with it."""

    grade: GradeOut | None = None
    problem: ProblemOut | None = None


class GradeResults(_Out):
    """The results of a call with several answers, in the order of its requests."""

    results: tuple[GradeResult, ...]


class GradePage(_Out):
    """Grades, newest first; `next_cursor` asks for the following page and is null on the last."""

    items: tuple[GradeOut, ...]
    next_cursor: str | None


class GradeFilters(_In):
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


class RegradeCreate(_In):
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


class RegradeChange(_Out):
    """A stored answer whose grade changes; `new_id` is null in a dry run. `crosses` tells how it passes the mark."""

    grade_id: str
    new_id: str | None
    question_id: str | None
    candidate_id: str | None
    score_before: Unit
    score_after: Unit
    crosses: Literal["to_passed", "to_failed"] | None


class RegradeOut(_Out):
    """What changed, or would: `unchanged` have the same score as before, `skipped` were decided by a person."""

    dry_run: bool
    considered: int
    unchanged: int
    skipped: tuple[str, ...]
    failed: tuple[str, ...] = Field(description="Grades whose question is in no bank any more.")
    changes: tuple[RegradeChange, ...]
    next_cursor: str | None


class BankSummary(_Out):
    """A bank without its questions."""

    bank: str
    title: str
    language: str
    version: str = Field(description="The bank's content hash; grades name it in their receipt.")
    number: int = Field(description="Counts the versions; 0 is a bank that comes with the service.")
    builtin: bool
    questions: int
    criteria: int
    exemplars: int


class BankOut(BankSummary):
    """A bank; `document` holds references and rubrics, and is null where the key may not see them."""

    document: Bank | None


class BankList(_Out):
    """Every bank at hand."""

    items: tuple[BankSummary, ...]


class BankVersionOut(_Out):
    """One version of a bank; `version` is null where the bank was deleted."""

    number: int
    version: str | None
    created_at: datetime


class BankVersionList(_Out):
    """Every version of a bank, newest first."""

    items: tuple[BankVersionOut, ...]


class QuestionOut(_Out):
    """A question; what would give its answer away is null where the key may not see it."""

    id: str
    bank: str
    question: str
    topic: str | None
    difficulty: int | None
    max_points: float
    references: tuple[str, ...] | None = None
    criteria: tuple[Criterion, ...] | None = None
    misconceptions: tuple[Misconception, ...] | None = None
    exemplars: tuple[Exemplar, ...] | None = None
    notes: str | None = None


class QuestionPage(_Out):
    """Questions, by bank and in its order."""

    items: tuple[QuestionOut, ...]
    next_cursor: str | None


class QuestionFilters(_In):
    """Which questions to list."""

    bank: Line | None = None
    topic: Line | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class SearchCreate(_In):
    """Find questions whose text is near in meaning."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    bank: Line | None = None
    limit: Limit = 10


class SearchHit(_Out):
    """A question and the cosine of its text with the query's."""

    question: QuestionOut
    similarity: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class SearchOut(_Out):
    """The nearest questions, nearest first."""

    items: tuple[SearchHit, ...]


class BatchAnswer(_In):
    """An answer in a batch: to a bank's question by its id, or to a question sent along with its references."""

    answer: str
    question_id: Line | None = None
    question: Text | None = None
    references: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    candidate_id: Line | None = None
    id: Line | None = Field(default=None, description="Your own; it comes back with the row.")

    @model_validator(mode="after")
    def _names_or_brings_a_question(self) -> Self:
        if (self.question_id is None) == (self.question is None):
            raise ValueError("give question_id, or question with references")
        if (self.question is None) != (not self.references):
            raise ValueError("question and references go together")
        return self


class BatchOptions(_In):
    """How a table is read and written, and who is told when it is done."""

    name: Line = Field(default="batch", description="What to call the table: its ending tells the format.")
    input_format: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        default=None, description="csv, tsv, jsonl (each also .gz or .zst), parquet or xlsx. Default: by the name."
    )
    output_format: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        default=None, description="The same; by default as the input."
    )
    encoding: Annotated[str, StringConstraints(max_length=40)] | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    webhook_url: Annotated[str, StringConstraints(max_length=2000)] | None = None


class BatchCreate(BatchOptions):
    """A batch of answers sent along; larger ones are uploaded as a table."""

    rows: Annotated[tuple[BatchAnswer, ...], Field(min_length=1)]
    webhook_secret: Annotated[str, StringConstraints(max_length=200)] | None = None


class BatchUpload(BatchOptions):
    """The query of an upload."""

    column: Annotated[tuple[Annotated[str, StringConstraints(max_length=300)], ...], Field(max_length=20)] = Field(
        default=(), description="What a column is called in the table: `answer=Response`."
    )


BatchStatus = Literal["validating", "failed", "in_progress", "finalizing", "completed", "cancelling", "cancelled"]


class RequestCounts(_Out):
    """The rows of a batch: all, those with a grade, and those that could not be graded."""

    total: int
    completed: int
    failed: int


class BatchOut(_Out):
    """A batch; `errors` tell why all of it failed, those of single rows are in the error file."""

    id: str
    name: str
    status: BatchStatus
    created_at: datetime
    finished_at: datetime | None
    request_counts: RequestCounts
    errors: tuple[FaultOut, ...] = ()


class BatchPage(_Out):
    """Batches, newest first; `next_cursor` asks for the following page and is null on the last."""

    items: tuple[BatchOut, ...]
    next_cursor: str | None


class BatchFilters(_In):
    """Which part of the list of batches."""

    limit: Limit = 50
    cursor: Cursor | None = None


class Erased(_Out):
    """How many grades were erased, with their answers."""

    grades: int


class Health(_Out):
    """That the service answers."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(_Out):
    """That the service grades: the model is loaded, the database answers."""

    status: Literal["ready"] = "ready"
    model: str
    queue_depth: int
