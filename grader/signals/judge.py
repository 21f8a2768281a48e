"""The judge as a witness: which statements an answer is judged by, and what the judge says of each.

A judge is slow beside the other witnesses, so an answer is not judged by a statement that none of its clauses comes
near to. It reads the answer after the question, since terse answers leave out what was asked; only a long question is
left out, which would take the answer's room. A long answer is read in passages, so that nothing of it goes unread: what
any of them says is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TypeAlias

import numpy as np

from grader.encoders.protocol import Floats, Judge, Pair
from grader.signals.encoded import EncodedText
from grader.signals.prepared import PreparedQuestion, PreparedStatement
from grader.text.reading import Reading

# The cosine of a clause to a statement from which an answer is judged by it. From .25 to .55 marked answers were graded
# equally well, and half of the pairs lie below .5. A drafted criterion is one clause of a reference that is read as a
# whole, so less will do.
_NEAR, _NEAR_DRAFTED = 0.5, 0.25
_PASSAGE = 700  # characters: what a judge reads at once of an answer
_QUESTION = 250  # characters: the longest question that stands before it


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of an answer and a statement: the probabilities that it says it, and that it denies it."""

    said: float
    contradicted: float


_NOT_NEAR = Opinion(0.0, 0.0)

Opinions: TypeAlias = Mapping[str, Opinion]
"""Opinions by statement; a statement that is not there was not judged."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, the question that it answers, and whether the question's criteria were drafted."""

    answer: EncodedText
    question: PreparedQuestion
    drafted: bool


def judge_answers(judge: Judge, asked: Sequence[Asked]) -> list[Opinions]:
    """The judge's opinions on answers: all in one call."""
    wanted = [list(_pairs(one)) for one in asked]
    found = judge.judge([pair for pairs in wanted for pair in pairs])
    opinions: list[Opinions] = []
    place = 0
    for pairs in wanted:
        opinions.append(_by_statement(pairs, found[place : place + len(pairs)]))
        place += len(pairs)
    return opinions


def opinion_on(statement: PreparedStatement, opinions: Opinions) -> Opinion:
    """The opinion on a statement: one that was not judged, since nothing comes near to it, is not said."""
    return opinions.get(_written(statement), _NOT_NEAR)


def _pairs(one: Asked) -> Iterator[Pair]:
    if not len(one.answer.clauses):
        return
    asked = one.question.question.question
    before = f"{asked} " if len(asked) <= _QUESTION else ""
    texts = [before + passage for passage in passages(one.answer.reading)]
    near = _NEAR_DRAFTED if one.drafted else _NEAR
    for statement in (*one.question.criteria, *one.question.misconceptions):
        if float((one.answer.clauses @ statement.text.whole).max()) >= near:
            yield from ((_written(statement), text) for text in texts)


def _written(statement: PreparedStatement) -> str:
    return statement.text.reading.normalized.written


def passages(reading: Reading) -> Iterator[str]:
    """The text in runs of whole sentences, each as long as a judge reads at once; only a longer sentence is cut."""
    passage = ""
    for sentence in reading.sentences:
        for part in _parts(sentence.text):
            if passage and len(passage) + 1 + len(part) > _PASSAGE:
                yield passage
                passage = part
            else:
                passage = f"{passage} {part}".lstrip()
    yield passage


def _parts(sentence: str) -> list[str]:
    return [sentence] if len(sentence) <= _PASSAGE else wrap(sentence, _PASSAGE, break_on_hyphens=False)


def _by_statement(pairs: Sequence[Pair], found: Floats) -> Opinions:
    best: dict[str, Floats] = {}
    for (statement, _), outcome in zip(pairs, found, strict=True):
        best[statement] = np.maximum(best[statement], outcome) if statement in best else outcome
    return {statement: Opinion(float(outcome[0]), float(outcome[2])) for statement, outcome in best.items()}
