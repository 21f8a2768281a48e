"""What clients send to find questions, and get."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from grader.bank.question import Criterion, Exemplar, Misconception
from grader_api.schemas.parts import Cursor, In, Limit, Line, Out


class QuestionOut(Out):
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


class QuestionPage(Out):
    """Questions, by bank and in its order."""

    items: tuple[QuestionOut, ...]
    next_cursor: str | None


class QuestionFilters(In):
    """Which questions to list."""

    bank: Line | None = None
    topic: Line | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class SearchCreate(In):
    """Find questions whose text is near in meaning."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    bank: Line | None = None
    limit: Limit = 10


class SearchHit(Out):
    """A question and the cosine of its text with the query's."""

    question: QuestionOut
    similarity: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class SearchOut(Out):
    """The nearest questions, nearest first."""

    items: tuple[SearchHit, ...]
