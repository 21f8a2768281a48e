"""Where an interview stands, read from its messages: those of the candidate, and the interviewer's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from grader.bank.question import Bank, Question
from grader.interview.commands import Command, command_of
from grader.interview.wording import is_end, numbered

Role = Literal["assistant", "user"]


@dataclass(frozen=True, slots=True)
class Message:
    """What the interviewer (assistant) or the candidate (user) said."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked, with its number, and what came of it so far."""

    number: int
    question: Question
    answers: tuple[str, ...] = ()
    hints: int = 0
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the messages tell: the questions asked, the one that is open (None before the first), and what comes last.

    `last` is the command or the answer to reply to; `total` is how many questions the interview has.
    """

    asked: tuple[Asked, ...]
    current: Asked | None
    total: int
    last: Command | str | None
    over: bool = False


def read(messages: Sequence[Message], bank: Bank, plan: Sequence[Question]) -> Transcript:
    """Read messages, of which the first ones may have been cut off; the question is known by its number and text."""
    asked: dict[int, Asked] = {}
    current, total, over, last = 0, len(plan), False, None
    for message in _joined(messages):
        if message.role == "user":
            last = command_of(message.text) or message.text
            if current:
                asked[current] = _heard(asked[current], last)
            continue
        last, over = None, is_end(message.text)
        found = _question_in(message.text, bank, plan)
        if over:
            current = 0
        elif found is not None:
            current, total = found[0].number, found[1]
            asked.setdefault(current, found[0])
    return Transcript(tuple(asked.values()), asked.get(current), total, last, over)


def _joined(messages: Sequence[Message]) -> Iterator[Message]:
    """Messages of one side that follow each other, as one."""
    for role, group in groupby(messages, key=lambda message: message.role):
        yield Message(role, "\n".join(message.text for message in group))


def _heard(asked: Asked, said: Command | str) -> Asked:
    match said:
        case Command.HINT:
            return replace(asked, hints=asked.hints + 1)
        case Command.SKIP:
            return replace(asked, skipped=True)
        case Command():
            return asked
    return replace(asked, answers=(*asked.answers, said))


def _question_in(text: str, bank: Bank, plan: Sequence[Question]) -> tuple[Asked, int] | None:
    """The question that a message of the interviewer asks or is about, and how many there are."""
    found = numbered(text)
    if found is None or found[0] < 1:
        return None
    number, total, follows = found
    planned = plan[number - 1] if number <= len(plan) else None
    known = [question for question in (planned, *bank.questions) if question and _same(question.question, follows)]
    question = known[0] if known else planned
    return (Asked(number, question), total) if question else None


def _same(question: str, follows: str) -> bool:
    """Whether a question is what follows its number; how lines were wrapped does not matter."""
    return " ".join(follows.split()) == " ".join(question.split())
