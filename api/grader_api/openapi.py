"""The contract: what FastAPI derives, with problems under their own media type."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from grader_api.problems import MEDIA_TYPE

_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}


def describe(app: FastAPI) -> None:
    """Have the application serve this contract."""
    derive = app.openapi

    def openapi() -> dict[str, Any]:  # Any: OpenAPI's documents are JSON
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(derive())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:  # Any: as above
    for path in document["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            for status, response in responses.items():
                if status >= "400":
                    response["content"] = {MEDIA_TYPE: _PROBLEM}
            responses["default"] = {"description": "Any other problem", "content": {MEDIA_TYPE: _PROBLEM}}
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document
