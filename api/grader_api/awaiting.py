"""Grades that a language model revises: asked for again and again until the revision is there."""

from __future__ import annotations

import time
from collections.abc import Callable

from grader_api.schemas import GradeOut


def await_revision(get: Callable[[str], GradeOut], grade_id: str, timeout_s: float, every_s: float) -> GradeOut:
    """A grade once nothing is pending; after `timeout_s` as it is then. `get` gives it as it is now."""
    until = time.monotonic() + timeout_s
    while True:
        grade = get(grade_id)
        left = until - time.monotonic()
        if grade.revision != "pending" or left <= 0:
            return grade
        time.sleep(min(every_s, left))
