"""Examples from answered questions: whole answers, each with what it makes of every statement about its question."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.bank.question import Text
from grader.training.judge.examples import Example, Outcome, after_question
from grader.training.lines import read_lines

_HEAVIEST = 4.0  # the most that an answer weighs for its outcome being rare

Statements = Annotated[dict[str, Text], Field(min_length=1)]


class Answered(BaseModel):
    """An answer, with the keys of the statements that it says and denies; all others it leaves open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text
    says: frozenset[str] = frozenset()
    denies: frozenset[str] = frozenset()

    def outcome(self, key: str) -> Outcome:
        """What it makes of a statement."""
        if key in self.says:
            return Outcome.SAID
        return Outcome.CONTRADICTED if key in self.denies else Outcome.OPEN


class AnsweredQuestion(BaseModel):
    """A question, what a right answer says, errors that people make, and answers.

    Attributes:
        true: statements by their keys.
        false: the same; no key stands in both.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Text
    true: Statements
    false: Statements
    answers: Annotated[tuple[Answered, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _keys_are_known(self) -> Self:
        if both := self.true.keys() & self.false.keys():
            raise ValueError(f"stand for a true and for a false statement: {', '.join(sorted(both))}")
        for answer in self.answers:
            if unknown := (answer.says | answer.denies) - self.true.keys() - self.false.keys():
                raise ValueError(f"no statement has the keys {', '.join(sorted(unknown))}: {answer.text[:60]}")
            if torn := answer.says & answer.denies:
                raise ValueError(f"said and denied: {', '.join(sorted(torn))}: {answer.text[:60]}")
        return self


def read_answered(path: Path) -> list[AnsweredQuestion]:
    """Read JSON Lines of answered questions.

    Raises:
        DatasetError: naming every line that is none.
    """
    return read_lines(path, AnsweredQuestion.model_validate_json)


def answered_examples(asked: Sequence[AnsweredQuestion], chance: random.Random) -> Iterator[Example]:
    """Every answer under every statement.

    True statements are said far more often than denied, and false ones the other way round. Outcomes are weighed so
    that both are said, denied and left open alike: a judge that only knew what is true would gain nothing by it.
    """
    judged = [
        (one, answer, text, key in one.true, answer.outcome(key))
        for one in asked
        for answer in one.answers
        for key, text in (one.true | one.false).items()
    ]
    counts = Counter((is_true, outcome) for *_, is_true, outcome in judged)
    for one, answer, statement, is_true, outcome in judged:
        weight = min(_HEAVIEST, len(judged) / (len(counts) * counts[is_true, outcome]))
        told = after_question(one.question, answer.text, chance)
        yield Example(statement, told, outcome, "answered questions", one.question, weight)
