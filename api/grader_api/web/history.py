"""What was graded, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import anyio.to_thread
from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from grader.errors import UnknownQuestion
from grader.request import GradeRequest
from grader_api.grading import show
from grader_api.libraries import Shelf
from grader_api.pages import from_cursor, to_cursor
from grader_api.routes.parts import Parts
from grader_api.schemas import Cursor, GradeOut, Line
from grader_api.service import Service
from grader_api.store.grades import Filters, Kept, count_grades, list_grades
from grader_api.store.queue import WAITING
from grader_api.web.routing import page, pages_router
from grader_api.web.visitors import Reading, Visitor

routes = pages_router()
_LIST = "grades"
_ON_A_PAGE = 25
COUNTED = 100  # grades that wait: so many are counted and no more


class HistoryFilters(BaseModel):
    """Which grades to show; what a form leaves empty holds all."""

    model_config = ConfigDict(frozen=True)

    question: Line | Literal[""] = ""
    candidate: Line | Literal[""] = ""
    decided: Literal["", "yes", "no"] = ""
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A grade with the question it answers; `references` are empty where the visitor may not see them."""

    grade: GradeOut
    question: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, the cursor of the next, and how many answers wait for a person, counted up to COUNTED."""

    items: tuple[Seen, ...]
    next_cursor: str | None
    waiting: int


@routes.get("/grades")
async def get_history(
    request: Request, service: Parts, visitor: Reading, asked: Annotated[HistoryFilters, Query()]
) -> Response:
    """Everything that was graded, newest first."""
    filters = Filters(
        question_id=asked.question or None,
        candidate_id=asked.candidate or None,
        decided={"yes": True, "no": False}.get(asked.decided),
    )
    listed = await _listed(service, visitor, filters, asked.cursor)
    return await page(request, "history", viewer=visitor, listed=listed, asked=asked.model_dump(exclude={"cursor"}))


async def _listed(service: Service, visitor: Visitor, filters: Filters, cursor: str | None) -> Listed:
    kept, waiting = await service.read(_read, visitor.tenant, filters, from_cursor(_LIST, cursor))
    shelf = await service.shelf(visitor.tenant)
    more = to_cursor(_LIST, kept[_ON_A_PAGE - 1].seq) if len(kept) > _ON_A_PAGE else None
    items = await anyio.to_thread.run_sync(all_seen, visitor, shelf, kept[:_ON_A_PAGE])
    return Listed(items, more, waiting)


def _read(connection: Connection, tenant: str, filters: Filters, before: int | None) -> tuple[list[Kept], int]:
    listed = list_grades(connection, tenant, filters, limit=_ON_A_PAGE + 1, before=before)
    return listed, count_grades(connection, tenant, WAITING, most=COUNTED)


def all_seen(visitor: Visitor, shelf: Shelf, kept: Sequence[Kept]) -> tuple[Seen, ...]:
    """Grades that were kept, each with its question."""
    return tuple(seen(visitor, shelf, one) for one in kept)


def seen(visitor: Visitor, shelf: Shelf, kept: Kept) -> Seen:
    """A grade that was kept, with its question as it stands in the bank now, or as it was sent along."""
    request = GradeRequest.model_validate_json(kept.row.request)
    question, references = request.question, request.references
    if request.question_id is not None:
        try:
            _, found = shelf.library.question(request.question_id)
        except UnknownQuestion:  # the bank was deleted since
            question, references = "This question is in no bank any more.", ()
        else:
            question, references = found.question, found.references
    return Seen(show(kept), question or "", references if visitor.sees_rubrics else ())
