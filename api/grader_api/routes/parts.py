"""What the routes take from the application, and how they answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from grader_api.batches.keeper import Keeper
from grader_api.bodies import RawRoute
from grader_api.once import Once
from grader_api.problems import ProblemOut
from grader_api.searching import Vectors
from grader_api.service import Service

# FastAPI runs what is no coroutine in a thread, which costs more than what is done here.


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _once(request: Request) -> Once:
    once: Once = request.app.state.once
    return once


async def _vectors(request: Request) -> Vectors:
    vectors: Vectors = request.app.state.vectors
    return vectors


async def _keeper(request: Request) -> Keeper:
    keeper: Keeper = request.app.state.keeper
    return keeper


Parts = Annotated[Service, Depends(_service)]
Repeats = Annotated[Once, Depends(_once)]
Keeping = Annotated[Keeper, Depends(_keeper)]
Meanings = Annotated[Vectors, Depends(_vectors)]

_ALWAYS = (400, 401, 403, 408, 413, 415, 422, 429, 500, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:  # Any: as FastAPI declares it
    """The problems that a route may answer with, beside those of every route."""
    return {status: {"model": ProblemOut} for status in statuses}


EVENTS: dict[str, Any] = {"text/event-stream": {}}  # Any: OpenAPI's JSON
"""The content of a reply that tells of changes."""


def router(tag: str) -> APIRouter:
    """A router whose bodies are read strictly."""
    return APIRouter(route_class=RawRoute, tags=[tag], responses=problems(*_ALWAYS))


def answer(model: BaseModel, status: int = 200, **headers: str) -> Response:
    """A model as a response: validated when it was made, so not once more."""
    return Response(model.model_dump_json(), status, headers, "application/json")
