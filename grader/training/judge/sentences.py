"""Sentences that were written to teach a judge: for a statement, some that say it, deny it, or speak beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.bank.library import Library
from grader.bank.question import Misconception, Question, Text
from grader.errors import DatasetError, Fault, UnknownQuestion

Sentences = Annotated[tuple[Text, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Authored:
    """A criterion or misconception with its sentences.

    Attributes:
        denied: the ids of the criteria that cannot be said beside it; none for a criterion.
    """

    id: str
    statement: str
    says: Sequence[str]
    denies: Sequence[str]
    beside: Sequence[str]
    is_misconception: bool = False
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AuthoredQuestion:
    """A question and those of its statements that have sentences."""

    question: Question
    statements: tuple[Authored, ...]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    question_id: str
    id: str
    says: Sentences
    denies: Sentences
    beside: Sentences


def read_sentences(path: Path, library: Library) -> list[AuthoredQuestion]:
    """Read JSON Lines of authored sentences: question_id, id, says, denies, beside.

    Raises:
        DatasetError: naming every line that is none, or whose statement no bank at hand holds.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DatasetError([Fault(str(path), None, "", error.strerror or str(error))]) from error
    found: dict[str, tuple[Question, list[Authored]]] = {}
    faults: list[Fault] = []
    for number, text in enumerate(lines, 1):
        try:
            question, authored = _authored(_Line.model_validate_json(text), library)
            found.setdefault(question.id, (question, []))[1].append(authored)
        except ValidationError as error:
            first = error.errors()[0]
            faults.append(Fault(str(path), number, ".".join(map(str, first["loc"])), first["msg"]))
        except (UnknownQuestion, _UnknownStatementError) as error:
            faults.append(Fault(str(path), number, "", str(error)))
    if faults:
        raise DatasetError(faults)
    return [AuthoredQuestion(question, tuple(authored)) for question, authored in found.values()]


class _UnknownStatementError(ValueError):
    """A line about a statement that its question does not have."""


def _authored(line: _Line, library: Library) -> tuple[Question, Authored]:
    _, question = library.question(line.question_id)
    for one in (*question.criteria, *question.misconceptions):
        if one.id == line.id:
            wrong = isinstance(one, Misconception)
            denied = frozenset(one.contradicts) if isinstance(one, Misconception) else frozenset[str]()
            return question, Authored(one.id, one.statement, line.says, line.denies, line.beside, wrong, denied)
    raise _UnknownStatementError(f"question {line.question_id!r} has no criterion or misconception {line.id!r}")
