"""The application: `create_app` puts the parts together, and nothing happens before it is called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request, Response

from grader import __version__
from grader.grading import Grader
from grader_api.answers import EXPECTED, as_problem, problem_response
from grader_api.auth import Gate
from grader_api.context import ContextMiddleware
from grader_api.limits import LimitsMiddleware
from grader_api.once import Once
from grader_api.openapi import describe
from grader_api.routes import banks, candidates, grades, health, questions, reviews
from grader_api.searching import Vectors
from grader_api.service import Service, make_service
from grader_api.settings import ServiceSettings
from grader_api.web.pages import Pages
from grader_api.web.routes import page_routes
from grader_api.web.routing import pages_of, wants_page

_TIDY_S = 600.0
_DESCRIPTION = "POST an answer, get a grade: what is right, what is missing, what is wrong, and how sure that is."


def create_app(settings: ServiceSettings, grader: Grader) -> FastAPI:
    """The service's ASGI application. Its threads and database are opened when it starts, and closed when it ends.

    Raises:
        StoreUnavailable: the database's address is not one.
    """
    service = make_service(settings, grader)
    app = FastAPI(
        title="answer-grader",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=_lifespan(service),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.gate = Gate(service)
    app.state.once = Once(service)
    app.state.vectors = Vectors()
    app.state.pages = Pages()
    for part in (grades, reviews, banks, questions, candidates, health):
        app.include_router(part.routes)
    app.include_router(page_routes)
    app.add_middleware(LimitsMiddleware, settings=settings)
    app.add_middleware(ContextMiddleware, metrics=service.metrics)
    _translate(app)
    describe(app)
    return app


def _lifespan(service: Service) -> Any:  # Any: FastAPI's type for it is generic in what is yielded
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(service.start)
        tidying = asyncio.create_task(_tidy(service))
        try:
            yield
        finally:
            tidying.cancel()
            with suppress(asyncio.CancelledError):
                await tidying
            await anyio.to_thread.run_sync(service.stop)

    return lifespan


async def _tidy(service: Service) -> None:
    while True:
        await anyio.to_thread.run_sync(service.tidy)
        await asyncio.sleep(_TIDY_S)


def _translate(app: FastAPI) -> None:
    """Every error that a route may raise on purpose becomes a problem, and where a person looks, a page."""

    async def answer(request: Request, error: Exception) -> Response:
        request_id = getattr(request.state, "request_id", None)
        if wants_page(request):
            return pages_of(request).problem(as_problem(error), request_id)
        return problem_response(as_problem(error), request_id)

    for kind in EXPECTED:
        app.add_exception_handler(kind, answer)
