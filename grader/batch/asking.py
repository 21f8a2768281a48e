"""A row as a question to the grader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from grader.batch.tables.row import BETWEEN_TEXTS, Cell, Row, RowError, as_text
from grader.request import GradeRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A row that can be graded.

    Attributes:
        key: 16 bytes that are equal for equal answers to the same question.
        question: its id, else its text.
    """

    row: Row
    key: bytes
    question: str
    request: GradeRequest


def ask(row: Row, columns: Mapping[str, str]) -> Asked | RowError:
    """What to ask of the grader for a row, or why nothing can be asked.

    A row with a reference is graded by its own question and references, any other by the bank's question of its id.
    """
    answer = columns["answer"]
    if answer not in row.cells:
        return RowError(row.line, "is missing", answer, row.cells)
    told = {column: as_text(row.cells.get(name)) for column, name in columns.items()}
    question_id, question = told.get("question_id", "").strip(), told.get("question", "").strip()
    references = _references(row.cells.get(columns.get("reference", "")))
    if references and not question:
        return RowError(row.line, "stands without a question", columns["reference"], row.cells)
    if not references and not question_id:
        name = columns.get("question_id") or columns.get("reference", "question_id")
        return RowError(row.line, "is empty: a question's id is wanted, or a question and a reference", name, row.cells)
    parts = {"question": question, "references": references} if references else {"question_id": question_id}
    try:
        request = GradeRequest.model_validate({**parts, "answer": told["answer"]})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return RowError(row.line, first["msg"], str(first["loc"][0]) if first["loc"] else "", row.cells)
    return Asked(row, _key(request), question_id or question, request)


def _references(cell: Cell) -> list[str]:
    parts = cell if isinstance(cell, list) else as_text(cell).split(BETWEEN_TEXTS.strip())
    return [text for part in parts if (text := as_text(part).strip())]


def _key(request: GradeRequest) -> bytes:
    told = [request.question_id, request.question, request.references, request.answer]
    return hashlib.sha256(json.dumps(told).encode()).digest()[:16]
