"""The contract: what FastAPI derives, with problems under their own media type."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from grader_api.answers import OPENAI_PATHS
from grader_api.problems import MEDIA_TYPE
from grader_api.schemas import BatchCreate

_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
_OPENAI = {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIErrorOut"}}}


def describe(app: FastAPI) -> None:
    """Have the application serve this contract."""
    derive = app.openapi

    def openapi() -> dict[str, Any]:  # Any: OpenAPI's documents are JSON
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(derive())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:  # Any: as above
    for path, operations in document["paths"].items():
        content = _OPENAI if path.startswith(OPENAI_PATHS) else {MEDIA_TYPE: _PROBLEM}
        for operation in operations.values():
            responses = operation["responses"]
            for status in [status for status in responses if status >= "400"]:
                responses[status]["content"] = content
            if path.startswith(OPENAI_PATHS):
                responses.pop("422", None)  # FastAPI's own; OpenAI answers 400
            responses["default"] = {"description": "Any other problem", "content": content}
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= _schemas(BatchCreate)
    return document


def _schemas(model: type[BaseModel]) -> dict[str, Any]:  # Any: as above
    """A model that no parameter names, and those within it."""
    whole = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**whole.pop("$defs", {}), model.__name__: whole}
