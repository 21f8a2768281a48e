"""Which questions an interview asks, and in what order."""

from __future__ import annotations

import hashlib
from typing import Annotated
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.bank.question import Bank, Question
from grader.errors import InterviewError


class Options(BaseModel):
    """What to ask: how many questions, of which topic and difficulty.

    Without a seed the bank's own order holds; every seed stands for another one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: Annotated[int, Field(ge=1, le=1000)] = 5
    topic: str | None = None
    difficulty: Annotated[int, Field(ge=1, le=3)] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None


def parse_options(text: str) -> Options:
    """Options as they stand after a model's name: `questions=3&topic=optimization&seed=7`.

    Raises:
        InterviewError: one is not known, stands twice, or has a value that it cannot have.
    """
    pairs = parse_qsl(text, keep_blank_values=True)
    if len(dict(pairs)) < len(pairs):
        raise InterviewError("an option stands more than once")
    try:
        return Options.model_validate(dict(pairs))
    except ValidationError as error:
        raise InterviewError("; ".join(_told(one["loc"], one["type"], one["msg"]) for one in error.errors())) from error


def plan(bank: Bank, options: Options) -> tuple[Question, ...]:
    """The questions to ask, in order: as many as wanted, or all there are.

    Raises:
        InterviewError: the bank has none of this topic and difficulty.
    """
    fitting = matching(bank, options.topic, options.difficulty)
    if not fitting:
        raise InterviewError(_none_left(bank, options))
    return tuple(in_order(fitting, options.seed)[: options.questions])


def matching(bank: Bank, topic: str | None, difficulty: int | None) -> list[Question]:
    """The questions of a topic (in any case of letters) and a difficulty, in the bank's order; None takes every one."""
    return [
        question
        for question in bank.questions
        if (topic is None or (question.topic or "").casefold() == topic.strip().casefold())
        and (difficulty is None or question.difficulty == difficulty)
    ]


def in_order(questions: list[Question], seed: int | None) -> list[Question]:
    """Questions in the order of a seed: it depends on their ids alone, not on what else stands in the bank."""
    if seed is None:
        return questions
    return sorted(questions, key=lambda question: hashlib.sha256(f"{seed}:{question.id}".encode()).digest())


def topics(bank: Bank) -> list[str]:
    """The bank's topics, sorted."""
    return sorted({question.topic for question in bank.questions if question.topic is not None})


def _none_left(bank: Bank, options: Options) -> str:
    wanted = " and ".join(
        part
        for part in (
            f"topic {options.topic!r}" if options.topic is not None else "",
            f"difficulty {options.difficulty}" if options.difficulty is not None else "",
        )
        if part
    )
    known = f"; its topics: {', '.join(topics(bank))}" if topics(bank) else "; its questions have no topics"
    return f"bank {bank.bank} has no question of {wanted}{known}"


def _told(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return f"{name!r} is no option; options: {', '.join(Options.model_fields)}"
    return f"{name}: {message}"
