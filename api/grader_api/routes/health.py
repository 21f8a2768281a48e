"""Whether the service lives, whether it grades, and what it counts."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import Connection, text

from grader import __version__
from grader_api.auth import Administering
from grader_api.metrics import CONTENT_TYPE
from grader_api.problems import Kind, ProblemError
from grader_api.routes.parts import Parts, answer, problems
from grader_api.schemas import Health, Readiness

routes = APIRouter(tags=["health"])


@routes.get("/health", operation_id="get_health", response_model=Health)
async def get_health() -> Response:
    """That the process answers."""
    return answer(Health(version=__version__))


@routes.get("/ready", operation_id="get_readiness", response_model=Readiness, responses=problems(503))
async def get_readiness(service: Parts) -> Response:
    """That answers can be graded and grades kept."""
    if not (service.model.alive and service.writer.alive):
        raise ProblemError(Kind.UNAVAILABLE, "the service is starting or stopping")
    await service.read(_ping)
    return answer(Readiness(model=service.grader.encoder.identity, queue_depth=service.model.depth))


@routes.get(
    "/metrics", operation_id="get_metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
async def get_metrics(service: Parts, _admin: Administering) -> Response:
    """Counters in Prometheus' text format."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
