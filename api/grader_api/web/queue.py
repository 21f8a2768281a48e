"""The grades that wait for a person, the most urgent first, each to be accepted where it stands."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote, urlencode

import anyio.to_thread
from fastapi import Cookie, Query, Request, Response
from sqlalchemy import Connection

from grader_api.pages import from_cursor, to_cursor
from grader_api.problems import ProblemError
from grader_api.routes.parts import Parts, Repeats
from grader_api.schemas import Cursor
from grader_api.service import Service
from grader_api.store.grades import Kept, count_grades
from grader_api.store.queue import WAITING, list_waiting
from grader_api.web.deciding import AUTHOR, decide, look_at
from grader_api.web.forms import new_page, read_form
from grader_api.web.history import COUNTED, Listed, Seen, all_seen
from grader_api.web.routing import page, pages_router
from grader_api.web.visitors import Reading, Reviewing, Visitor

routes = pages_router()
_LIST = "queue"
_ON_A_PAGE = 25


@routes.get("/review")
async def get_queue(
    request: Request,
    service: Parts,
    visitor: Reading,
    cursor: Annotated[Cursor | None, Query()] = None,
    accepted: Annotated[str, Query(max_length=200)] = "",
    author: Annotated[str, Cookie(alias=AUTHOR)] = "",
) -> Response:
    """The answers that wait for a person; `accepted` is the grade that was decided about last."""
    listed = await _listed(service, visitor, cursor)
    last = await _last(service, visitor, accepted) if accepted else None
    return await page(
        request, "queue", viewer=visitor, listed=listed, last=last, cursor=cursor, author=unquote(author)[:200],
        page=new_page(),
    )  # fmt: skip


@routes.post("/review")
async def post_accepted(request: Request, service: Parts, once: Repeats, visitor: Reviewing) -> Response:
    """Accept a grade as it is, and go on with those that are left."""
    form = await read_form(request)
    found = await look_at(service, visitor, form.get("accept", ""))
    place = {"cursor": form["cursor"]} if form.get("cursor") else {}
    back = f"/review?{urlencode({**place, 'accepted': found.grade.id})}"
    shown = form.get(f"shown.{found.grade.id}", str(found.grade.score))
    accepted = form | {"decision": "accept", "shown": shown}
    return await decide(request, service, once, visitor, found.grade, accepted, back)


async def _listed(service: Service, visitor: Visitor, cursor: str | None) -> Listed:
    kept, waiting = await service.read(_read, visitor.tenant, from_cursor(_LIST, cursor))
    more = to_cursor(_LIST, kept[_ON_A_PAGE - 1].seq) if len(kept) > _ON_A_PAGE else None
    shelf = await service.shelf(visitor.tenant)
    return Listed(await anyio.to_thread.run_sync(all_seen, visitor, shelf, kept[:_ON_A_PAGE]), more, waiting)


def _read(connection: Connection, tenant: str, after: int | None) -> tuple[list[Kept], int]:
    waiting = count_grades(connection, tenant, WAITING, most=COUNTED)
    return list_waiting(connection, tenant, limit=_ON_A_PAGE + 1, after=after), waiting


async def _last(service: Service, visitor: Visitor, grade_id: str) -> Seen | None:
    """The grade that was accepted last, unless the address names none."""
    try:
        return await look_at(service, visitor, grade_id)
    except ProblemError:
        return None
