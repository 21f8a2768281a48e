"""The judge as a witness: which statements an answer is judged by, and what the judge says of each.

A judge is slow beside the other witnesses, so an answer is not judged by a statement that none of its clauses comes
near to, and of a statement's wordings only by those that it comes nearest to. Of the answer it reads the sentence that
comes nearest, with its neighbours, as what it has learnt from is as short; and the question before them, since terse
answers leave out what was asked. Only a long question is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from grader.encoders.protocol import Floats, Judge, Pair
from grader.signals.encoded import EncodedText
from grader.signals.prepared import PreparedQuestion, PreparedStatement
from grader.signals.similarity import Wordings
from grader.text.normalize import Span
from grader.text.reading import Reading

# The cosine of a clause to a statement from which an answer is judged by it. From .25 to .55 marked answers were graded
# equally well, and half of the pairs lie below .5. A drafted criterion is one clause of a reference that is read as a
# whole, so less will do.
_NEAR, _NEAR_DRAFTED = 0.5, 0.25
_WORDINGS = 2  # of a statement, by which an answer is judged at most
_PASSAGE = 700  # characters: the most that a judge reads of an answer
_QUESTION = 250  # characters: the longest question that stands before it


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of an answer and a statement: the probabilities that it says it, and that it denies it."""

    said: float
    contradicted: float


_NOT_NEAR = Opinion(0.0, 0.0)

Opinions: TypeAlias = Mapping[str, Opinion]
"""Opinions by wording; one that is not there was not judged."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, the question that it answers, and whether the question's criteria were drafted."""

    answer: EncodedText
    question: PreparedQuestion
    drafted: bool


def judge_answers(judge: Judge, asked: Sequence[Asked]) -> list[Opinions]:
    """The judge's opinions on answers: all in one call."""
    wanted = [list(_pairs(one)) for one in asked]
    found = iter(judge.judge([pair for pairs in wanted for pair in pairs]))
    return [{wording: _opinion(next(found)) for wording, _ in pairs} for pairs in wanted]


def opinion_on(statement: PreparedStatement, opinions: Opinions) -> Opinion:
    """The opinion on a statement: on the wording that is said most surely.

    A statement that was not judged, since nothing comes near to it, is not said.
    """
    found = [opinions[written] for written in statement.wordings.written if written in opinions]
    return max(found, key=lambda opinion: opinion.said, default=_NOT_NEAR)


def _pairs(one: Asked) -> Iterator[Pair]:
    """The wordings that the answer comes near to, each once, with what is read of the answer."""
    if not len(one.answer.clauses):
        return
    asked = one.question.question.question
    before = f"{asked} " if len(asked) <= _QUESTION else ""
    near = _NEAR_DRAFTED if one.drafted else _NEAR
    statements = (*one.question.criteria, *one.question.misconceptions)
    wanted = {
        written: before + passage(one.answer.reading, clause)
        for statement in statements
        for written, clause in _nearest(statement.wordings, one.answer, near)
    }
    yield from wanted.items()


def _nearest(wordings: Wordings, answer: EncodedText, near: float) -> Iterator[tuple[str, Span]]:
    """The wordings that an answer comes nearest to, each with the clause that does."""
    cosines = wordings.vectors @ answer.clauses.T
    for place in np.argsort(-cosines.max(axis=1), kind="stable")[:_WORDINGS]:
        clause = int(cosines[place].argmax())
        if cosines[place, clause] >= near:
            yield wordings.written[place], answer.clause_spans[clause]


def passage(reading: Reading, clause: Span) -> str:
    """The sentence that a clause stands in with its neighbours, or as much of that as a judge reads."""
    place = next(n for n, one in enumerate(reading.sentences) if one.span[0] <= clause[0] < one.span[1])
    around = " ".join(one.text for one in reading.sentences[max(0, place - 1) : place + 2])
    alone = reading.sentences[place].text
    shortest = around if len(around) <= _PASSAGE else alone
    return shortest if len(shortest) <= _PASSAGE else reading.text[clause[0] : clause[0] + _PASSAGE]


def _opinion(outcome: Floats) -> Opinion:
    return Opinion(float(outcome[0]), float(outcome[2]))
