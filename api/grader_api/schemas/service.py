"""What clients get of the service itself and of what it keeps."""

from __future__ import annotations

from typing import Literal

from grader_api.schemas.parts import Out


class Erased(Out):
    """What was erased: grades with their answers, and rows of batches, each of which keeps its place in its table."""

    grades: int
    rows: int


class Health(Out):
    """That the service answers."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(Out):
    """That the service grades: the model is loaded, the database answers."""

    status: Literal["ready"] = "ready"
    model: str
    queue_depth: int
