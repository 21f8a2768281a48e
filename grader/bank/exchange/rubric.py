"""The part of a question or a bank that other programs have no field for, as one line of JSON.

It is read back by the bank's own rules, so that a line that was changed is refused with its path or is right.
"""

from __future__ import annotations

import json
from typing import Any

from grader.bank.question import Bank, Question

MARK = "answer-grader:"  # what the line begins with, in a comment

_SHOWN = frozenset({"id", "question", "references", "max_points"})  # the fields that stand in plain view
_HEAD = frozenset({"title", "language", "source", "reveal", "points_step"})


def question_line(question: Question) -> str:
    """All fields of a question but those that stand in plain view."""
    return _line(question.model_dump(mode="json", exclude_defaults=True, exclude=set(_SHOWN)))


def brief_line(question: Question) -> str:
    """The fields of a question that are no rubric and that a plain format has no place for."""
    return _line(question.model_dump(mode="json", exclude_none=True, include={"max_points", "topic", "difficulty"}))


def bank_line(bank: Bank) -> str:
    """The fields of a bank itself, its id included."""
    return _line(bank.model_dump(mode="json", exclude_defaults=True, include={"bank", *_HEAD}))


def read_line(line: str) -> dict[str, Any]:
    """The fields of a line, as they were written.

    Raises:
        ValueError: it is no JSON object.
    """
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 (as json.loads refuses what it cannot read)
    return fields


def _line(fields: dict[str, Any]) -> str:
    """ASCII, and without what would end a comment of HTML or begin markup."""
    text = f"{MARK} {json.dumps(fields)}"
    for sign, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("--", "\\u002d\\u002d")):
        text = text.replace(sign, escape)
    return text
