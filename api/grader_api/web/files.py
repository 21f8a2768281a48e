"""The files that pages bring along: style, script, icon."""

from __future__ import annotations

from fastapi import Request, Response

from grader_api.problems import Kind, ProblemError
from grader_api.web.routing import pages_of, pages_router

routes = pages_router()


@routes.get("/static/{name}")
async def get_file(request: Request, name: str) -> Response:
    """A file by its name; there are no others than those that come with the service."""
    found = pages_of(request).file(name)
    if found is None:
        raise ProblemError(Kind.NOT_FOUND, "there is no such file")
    return found.response()
