"""What the pages' routes have in common: they are no part of the contract, and what refuses them is a page too."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import Scope

from grader_api.answers import Answer, problem_response
from grader_api.auth import Gate
from grader_api.problems import Kind, ProblemError
from grader_api.web.forms import refuse_foreign
from grader_api.web.pages import Pages

SIGN_IN = "/sign-in"


class PageRoute(APIRoute):
    """A route that answers with pages, and changes nothing for another site."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:  # Any: as FastAPI declares it
        """FastAPI's handler, for requests from our own pages."""
        handle = super().get_route_handler()

        async def from_our_pages(request: Request) -> Response:
            refuse_foreign(request)
            return await handle(request)

        return from_our_pages


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
    """Whether a person looks: at a page, or in a browser at what is not there."""
    route = request.scope.get("route")
    return isinstance(route, PageRoute) or (route is None and _asks_for_page(request.scope))


def page_or_document(pages: Pages) -> Answer:
    """What answers the problems of requests that come to no route: with a page, where a person looks."""

    def answer(scope: Scope, problem: ProblemError) -> Response:
        if _asks_for_page(scope):
            return pages.problem(problem, scope["state"].get("request_id"))
        return problem_response(scope, problem)

    return answer


def _asks_for_page(scope: Scope) -> bool:
    return not scope["path"].startswith("/v1/") and "text/html" in Headers(scope=scope).get("accept", "")


def elsewhere(address: str, headers: Mapping[str, str] | None = None) -> Response:
    """On to another page."""
    return RedirectResponse(address, 303, headers)


async def refusal(request: Request, problem: ProblemError) -> Response:
    """A problem as a page; who has not signed in is asked to."""
    gate: Gate = request.app.state.gate
    if problem.kind is not Kind.UNAUTHENTICATED or await gate.no_keys():
        return pages_of(request).problem(problem, getattr(request.state, "request_id", None))
    if "hx-request" in request.headers:
        return Response(status_code=problem.kind.status, headers={"hx-redirect": SIGN_IN})
    return elsewhere(SIGN_IN)
