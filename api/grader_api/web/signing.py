"""Signing in with a key, and out."""

from __future__ import annotations

from fastapi import Request, Response

from grader_api.auth import Gate
from grader_api.problems import Kind, ProblemError
from grader_api.web.forms import read_form
from grader_api.web.routing import SIGN_IN, elsewhere, page, pages_router
from grader_api.web.visitors import forget, is_overheard, remember

routes = pages_router()


@routes.get("/sign-in")
async def get_sign_in(request: Request) -> Response:
    """Ask for a key, where there are keys."""
    gate: Gate = request.app.state.gate
    if await gate.no_keys():
        return elsewhere("/")
    return await _ask(request, refused=False)


@routes.post("/sign-in")
async def post_sign_in(request: Request) -> Response:
    """Keep a key that is valid in the visitor's browser."""
    gate: Gate = request.app.state.gate
    key = (await read_form(request)).get("key", "").strip()
    try:
        await gate.admit(request, key)
    except ProblemError as problem:
        if problem.kind is not Kind.UNAUTHENTICATED:
            raise
        return await _ask(request, refused=True)
    response = elsewhere("/")
    remember(request, response, key)
    return response


@routes.post("/sign-out")
async def post_sign_out(request: Request) -> Response:
    """Forget the key."""
    response = elsewhere(SIGN_IN)
    forget(request, response)
    return response


async def _ask(request: Request, *, refused: bool) -> Response:
    return await page(
        request, "sign_in", 401 if refused else 200, viewer=None, refused=refused, overheard=is_overheard(request)
    )
