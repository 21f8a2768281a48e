"""One grade with all that is behind it, and a person's decision about it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, unquote

import anyio.to_thread
from fastapi import Cookie, Request, Response
from sqlalchemy import Connection

from grader_api.once import Once
from grader_api.problems import Kind, ProblemError, fault
from grader_api.routes.grades import kept_grade
from grader_api.routes.parts import Parts, Repeats
from grader_api.routes.reviews import create_override
from grader_api.schemas import GradeOut
from grader_api.service import Service
from grader_api.store.queue import list_waiting
from grader_api.web.forms import as_json, idempotency_key, new_page, read_form
from grader_api.web.history import Seen, seen
from grader_api.web.routing import elsewhere, page, pages_router
from grader_api.web.visitors import Reading, Reviewing, Visitor

routes = pages_router()
AUTHOR = "grader_reviewer"  # the cookie that saves a person from typing their name each time
_YEAR_S = 365 * 24 * 3600
_ACCEPTED = "Accepted as graded."
_VERDICT = "verdict."


@routes.get("/grades/{grade_id}")
async def get_grade(
    request: Request,
    service: Parts,
    visitor: Reading,
    grade_id: str,
    author: Annotated[str, Cookie(alias=AUTHOR)] = "",
) -> Response:
    """A grade with the answer, the evidence, and what persons decided."""
    found = await look_at(service, visitor, grade_id)
    waiting = await service.read(_next_waiting, visitor.tenant)
    return await page(
        request, "grade", viewer=visitor, seen=found, waiting=waiting, author=unquote(author)[:200], page=new_page()
    )


@routes.post("/grades/{grade_id}")
async def post_decision(request: Request, service: Parts, once: Repeats, visitor: Reviewing, grade_id: str) -> Response:
    """Accept a grade, or decide otherwise, as the API does."""
    form = await read_form(request)
    found = await look_at(service, visitor, grade_id)
    return await decide(request, service, once, visitor, found.grade, form, f"/grades/{found.grade.id}")


async def decide(  # noqa: PLR0913, PLR0917 (what a route is given, and whereto it goes on)
    request: Request,
    service: Service,
    once: Once,
    visitor: Visitor,
    grade: GradeOut,
    form: dict[str, str],
    back: str,
) -> Response:
    """Keep what a form decides about a grade, remember who decides, and go back.

    Raises:
        ProblemError: the form does not say who decides, or what, or why.
    """
    body = as_json(_decision(form, grade))
    key = idempotency_key(f"{form.get('page') or new_page()} {grade.id}", body)
    await create_override(request, service, once, visitor.principal, grade.id, body, key)
    response = elsewhere(back)
    response.set_cookie(AUTHOR, quote(form["author"].strip()), max_age=_YEAR_S, httponly=True, samesite="strict")
    return response


async def look_at(service: Service, visitor: Visitor, grade_id: str) -> Seen:
    """A grade of the visitor's tenant with its question.

    Raises:
        ProblemError: there is none of this id.
    """
    kept = await kept_grade(service, visitor.principal, grade_id)
    return await anyio.to_thread.run_sync(seen, visitor, await service.shelf(visitor.tenant), kept)


def _next_waiting(connection: Connection, tenant: str) -> str | None:
    return next((kept.row.id for kept in list_waiting(connection, tenant, limit=1)), None)


def _decision(form: dict[str, str], grade: GradeOut) -> dict[str, Any]:  # Any: whatever JSON holds
    """What a form decides, as the API takes it.

    Raises:
        ProblemError: it does not say who decides, or what, or why; or the grade was another when it was shown.
    """
    if form.get("shown", str(grade.score)) != str(grade.score):
        raise ProblemError(Kind.CHANGED, "a language model has revised the grade since you saw it: look again")
    author, reason = form.get("author", "").strip(), form.get("reason", "").strip()
    if not author:
        raise _refused("author", "write your name")
    if form.get("decision") == "accept":
        return {"author": author, "reason": reason or _ACCEPTED, "score": grade.score}
    if not reason:
        raise _refused("reason", "write why the grade is to change")
    verdicts = {
        name.removeprefix(_VERDICT): value for name, value in form.items() if name.startswith(_VERDICT) and value
    }
    decided: dict[str, Any] = {"author": author, "reason": reason, "verdicts": verdicts}
    if points := form.get("points", "").strip():
        decided["score"] = _score(points, grade.max_points or 0.0)
    elif not verdicts:
        raise _refused("points", "give points, or the verdicts that change")
    return decided


def _score(points: str, most: float) -> float:
    try:
        value = float(points.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise _refused("points", f"give a number from 0 to {most:g}")
    return value / most if most else 0.0


def _refused(path: str, told: str) -> ProblemError:
    return ProblemError(Kind.INVALID_REQUEST, told, errors=[fault(path, told)])
