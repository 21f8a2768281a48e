"""Sentences that were written to teach a judge: for a statement, some that say it, deny it, or speak beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.bank.library import Library
from grader.bank.question import Misconception, Text
from grader.errors import UnknownQuestion
from grader.training.lines import UnfitLineError, read_lines

Sentences = Annotated[tuple[Text, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Authored:
    """A statement with its sentences.

    Attributes:
        id: of the criterion or misconception that it is, or the statement itself where no bank has it.
        denied: the ids of the criteria that cannot be said beside it; none but for a misconception.
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
    """A question and those of its statements that have sentences.

    Attributes:
        id: of the question, or its text where no bank has it.
        question: its text.
    """

    id: str
    question: str
    statements: tuple[Authored, ...]


_NAMES = {"question_id", "id", "question", "statement"}


class _Line(BaseModel):
    """Sentences for a statement of a bank, named by ids, or for one that is given with its question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question_id: Text = ""
    id: Text = ""
    question: Text = ""
    statement: Text = ""
    says: Sentences
    denies: Sentences
    beside: Sentences

    @model_validator(mode="after")
    def _names_one_statement(self) -> Self:
        if self.model_fields_set & _NAMES not in ({"question_id", "id"}, {"question", "statement"}):
            raise ValueError("question_id and id are needed, or question and statement")
        return self


def read_sentences(path: Path, library: Library) -> list[AuthoredQuestion]:
    """Read JSON Lines of authored sentences: says, denies and beside, and what they are about.

    That is question_id and id for a criterion or misconception of a bank, question and statement for any other.

    Raises:
        DatasetError: naming every line that is none, or whose statement no bank at hand holds.
    """
    found: dict[str, tuple[str, list[Authored]]] = {}
    for question_id, question, authored in read_lines(path, partial(_parse, library=library)):
        found.setdefault(question_id, (question, []))[1].append(authored)
    return [AuthoredQuestion(key, question, tuple(authored)) for key, (question, authored) in found.items()]


_Found = tuple[str, str, Authored]  # the question's id and text, and a statement of it


def _parse(text: str, library: Library) -> _Found:
    line = _Line.model_validate_json(text)
    return _of_bank(line, library) if line.question_id else _given(line)


def _given(line: _Line) -> _Found:
    authored = Authored(line.statement, line.statement, line.says, line.denies, line.beside)
    return line.question, line.question, authored


def _of_bank(line: _Line, library: Library) -> _Found:
    try:
        _, question = library.question(line.question_id)
    except UnknownQuestion as error:
        raise UnfitLineError(str(error)) from error
    for one in (*question.criteria, *question.misconceptions):
        if one.id == line.id:
            wrong = isinstance(one, Misconception)
            denied = frozenset(one.contradicts) if isinstance(one, Misconception) else frozenset[str]()
            authored = Authored(one.id, one.statement, line.says, line.denies, line.beside, wrong, denied)
            return question.id, question.question, authored
    raise UnfitLineError(f"question {line.question_id!r} has no criterion or misconception {line.id!r}")
