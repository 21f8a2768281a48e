"""Halves of what a judge is trained on, so that each half is judged by one that has not seen it."""

from __future__ import annotations

import hashlib

from grader.bank.library import Library
from grader.errors import UnknownQuestion

FOLDS = 2


def fold_of(question_id: str, library: Library) -> int:
    """The half that a question belongs to: 0 or 1, by its bank, or by itself where no bank holds it."""
    try:
        group = library.question(question_id)[0].bank
    except UnknownQuestion:
        group = question_id
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS
