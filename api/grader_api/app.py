"""The application: `create_app` puts the parts together, and nothing happens before it is called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from grader import __version__
from grader.grading import Grader
from grader_api.answers import problem_response
from grader_api.auth import Gate
from grader_api.batches.keeper import Keeper
from grader_api.context import ContextMiddleware
from grader_api.errors import QueueFull, Stopping, StoreUnavailable
from grader_api.limits import LimitsMiddleware
from grader_api.once import Once
from grader_api.openapi import describe
from grader_api.problems import Kind, ProblemError, fault, faults, queue_full
from grader_api.routes import banks, batches, candidates, chat, grades, health, keys, mcp, questions, reviews
from grader_api.searching import Vectors
from grader_api.service import Service, make_service
from grader_api.settings import ServiceSettings
from grader_api.shedding import SheddingMiddleware
from grader_api.web.pages import Pages
from grader_api.web.routes import page_routes
from grader_api.web.routing import page_or_document, refusal, wants_page

if TYPE_CHECKING:  # its libraries are an extra
    from grader.llm.judge import ChatJudge

_TIDY_S = 600.0
_log = logging.getLogger("grader_api.app")
_DESCRIPTION = "POST an answer, get a grade: what is right, what is missing, what is wrong, and how sure that is."


def create_app(settings: ServiceSettings, grader: Grader, judge: ChatJudge | None = None) -> FastAPI:
    """The service's ASGI application. Its threads and database are opened when it starts, and closed when it ends.

    `judge` is a language model that is asked beside, about the answers that `settings.judge_mode` says.

    Raises:
        StoreUnavailable: the database's address is not one.
    """
    service = make_service(settings, grader, judge)
    keeper = Keeper(service)
    app = FastAPI(
        title="answer-grader",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=_lifespan(service, keeper),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.keeper = keeper
    app.state.gate = Gate(service)
    app.state.once = Once(service)
    app.state.vectors = Vectors()
    app.state.pages = pages = Pages()
    for part in (grades, batches, reviews, banks, questions, candidates, keys, chat, mcp, health):
        app.include_router(part.routes)
    app.include_router(page_routes)
    app.add_middleware(LimitsMiddleware, settings=settings, answer=page_or_document(pages))
    app.add_middleware(SheddingMiddleware, require_room=service.model.require_room)
    app.add_middleware(ContextMiddleware, metrics=service.metrics, answer=page_or_document(pages))
    _translate(app)
    describe(app)
    return app


def _lifespan(service: Service, keeper: Keeper) -> Any:  # Any: FastAPI's type for it is generic in what is yielded
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(service.start)
        keeper.start()
        tidying = asyncio.create_task(tidy(service.tidy))
        try:
            async with mcp.answering(app, service.settings):
                yield
        finally:
            try:
                tidying.cancel()
                with suppress(asyncio.CancelledError):
                    await tidying
            finally:
                await anyio.to_thread.run_sync(keeper.close)
                await anyio.to_thread.run_sync(service.stop)

    return lifespan


async def tidy(erase: Callable[[], None], every_s: float = _TIDY_S) -> None:
    """Erase what is too old, now and again; while the database does not answer, later."""
    while True:
        try:
            await anyio.to_thread.run_sync(erase)
        except StoreUnavailable:
            _log.warning("the database does not answer; what is too old is erased later")
        await asyncio.sleep(every_s)


def _translate(app: FastAPI) -> None:
    """Every error that a route may raise on purpose becomes a problem, and where a person looks, a page."""

    async def answer(request: Request, error: Exception) -> Response:
        if wants_page(request):
            return await refusal(request, as_problem(error))
        return problem_response(request.scope, as_problem(error))

    for kind in (ProblemError, RequestValidationError, HTTPException, QueueFull, Stopping, StoreUnavailable):
        app.add_exception_handler(kind, answer)


def as_problem(error: Exception) -> ProblemError:
    """An error as a problem."""
    match error:
        case ProblemError():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return _refused(error)
        case QueueFull():
            return queue_full(error)
        case StoreUnavailable():  # its text is for who runs the service
            return ProblemError(Kind.UNAVAILABLE, "the database does not answer", headers={"retry-after": "1"})
    return ProblemError(Kind.UNAVAILABLE, str(error), headers={"retry-after": "1"})


def _refused(error: HTTPException) -> ProblemError:
    """What the framework refuses by itself."""
    kinds = {404: Kind.NOT_FOUND, 405: Kind.METHOD_NOT_ALLOWED}
    kind = kinds.get(error.status_code, Kind.MALFORMED_REQUEST)
    return ProblemError(kind, str(error.detail), headers=error.headers)


def _invalid(error: RequestValidationError) -> ProblemError:
    listed = faults(error.errors()) or [fault("", "has faults")]
    told = f"{listed[0].path}: {listed[0].message}" if listed[0].path else listed[0].message
    return ProblemError(Kind.INVALID_REQUEST, told, errors=listed)
