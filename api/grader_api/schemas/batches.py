"""What clients send to have tables graded, and get."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from grader.bank.question import Text
from grader.batch.summary import Summary
from grader_api.problems import FaultOut
from grader_api.schemas.parts import Cursor, In, Limit, Line, Out

_Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
BatchStatus = Literal["validating", "failed", "in_progress", "finalizing", "completed", "cancelling", "cancelled"]


class BatchAnswer(In):
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


class BatchOptions(In):
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
    limit: _Count | None = Field(default=None, description="Grade the first so many rows only.")
    sample: _Count | None = Field(default=None, description="Grade so many rows, picked at random.")
    seed: Annotated[int, Field(ge=0, lt=2**53)] = Field(default=0, description="Where the picking starts from.")
    strict: bool = Field(default=False, description="Refuse a table with a row that cannot be read or asked.")
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


class RequestCounts(Out):
    """The rows of a batch: all, those with a grade, and those that could not be graded."""

    total: int
    completed: int
    failed: int


class BatchOut(Out):
    """A batch; `errors` tell why all of it failed, those of single rows are in the error file."""

    id: str
    name: str
    status: BatchStatus
    created_at: datetime
    finished_at: datetime | None
    request_counts: RequestCounts
    errors: tuple[FaultOut, ...] = ()


class BatchFigures(Out):
    """What came of a batch that has ended.

    Attributes:
        distinct: how many different answers to the same question there are.
        figures: of the rows that are done.
    """

    distinct: int
    figures: Summary


class BatchPart(In):
    """Which part of a batch."""

    partial: bool = Field(default=False, description="Of a batch that goes on: the rows that are done so far.")


class FiguresFilters(BatchPart):
    """Which figures of a batch."""

    detailed: bool = Field(default=False, description="Those of each question too, and what a person should look at.")


class BatchPage(Out):
    """Batches, newest first; `next_cursor` asks for the following page and is null on the last."""

    items: tuple[BatchOut, ...]
    next_cursor: str | None


class BatchFilters(In):
    """Which part of the list of batches."""

    limit: Limit = 50
    cursor: Cursor | None = None
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        default=None, description="Only the one that was made with this key, within a day."
    )
