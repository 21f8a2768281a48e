"""What the pages' routes have in common: they are no part of the contract, and their problems are pages."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from grader_api.answers import EXPECTED, as_problem
from grader_api.auth import Gate
from grader_api.problems import Kind, ProblemError
from grader_api.web.forms import refuse_foreign
from grader_api.web.pages import Pages

SIGN_IN = "/sign-in"


class PageRoute(APIRoute):
    """A route that answers with pages, also where it refuses."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:  # Any: as FastAPI declares it
        """FastAPI's handler, with problems as pages."""
        handle = super().get_route_handler()

        async def as_page(request: Request) -> Response:
            try:
                refuse_foreign(request)
                return await handle(request)
            except EXPECTED as error:
                return await _refusal(request, as_problem(error))

        return as_page


def pages_router() -> APIRouter:
    """A router of pages."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def pages_of(request: Request) -> Pages:
    """The application's templates and files."""
    pages: Pages = request.app.state.pages
    return pages


async def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page, made in a thread. Any: whatever a template shows."""
    return await anyio.to_thread.run_sync(functools.partial(pages_of(request).page, template, status, **values))


def wants_page(request: Request) -> bool:
    """Whether a person looks: a browser asks for a page, and not for something of the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")


def elsewhere(address: str, headers: Mapping[str, str] | None = None) -> Response:
    """On to another page."""
    return RedirectResponse(address, 303, headers)


async def _refusal(request: Request, problem: ProblemError) -> Response:
    """A problem as a page; who has not signed in is asked to."""
    gate: Gate = request.app.state.gate
    if problem.kind is not Kind.UNAUTHENTICATED or await gate.no_keys():
        return pages_of(request).problem(problem, getattr(request.state, "request_id", None))
    if "hx-request" in request.headers:
        return Response(status_code=problem.kind.status, headers={"hx-redirect": SIGN_IN})
    return elsewhere(SIGN_IN)
