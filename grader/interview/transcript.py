"""Where an interview stands, read from its messages: those of the candidate, and the interviewer's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from grader.bank.question import Bank, Question
from grader.interview.commands import Command, command_of
from grader.interview.wording import Named, is_end, numbered

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
    followed_up: bool = False
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
        over, named = is_end(message.text), numbered(message.text)
        question = _question_of(named, bank, plan) if named and not over else None
        if over:
            current = 0
        elif named is not None and question is not None:
            current, total = named.number, named.total
            known = asked.get(current, Asked(current, question))
            asked[current] = _followed(known, last) if named.follow_up else known
        last = None
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


def _followed(asked: Asked, said: Command | str | None) -> Asked:
    """A question after its follow-up was asked; the answer before that may stand where its question was cut off."""
    cut_off = not asked.answers and said is not None and not isinstance(said, Command)
    return replace(asked, followed_up=True, answers=(said,) if cut_off and said is not None else asked.answers)


def _question_of(named: Named, bank: Bank, plan: Sequence[Question]) -> Question | None:
    """The question that is meant: the one whose text follows its number, else the one planned there.

    A number that no interview on the bank can reach names none: a forged one would have the bank graded over and over.
    """
    if not 1 <= named.number <= min(named.total, len(bank.questions)):
        return None
    planned = plan[named.number - 1] if named.number <= len(plan) else None
    known = (question for question in (planned, *bank.questions) if question and _same(question.question, named.rest))
    return next(known, planned)


def _same(question: str, follows: str) -> bool:
    """Whether a question is what follows its number; how lines were wrapped does not matter."""
    return " ".join(follows.split()) == " ".join(question.split())
