"""What stands against what in a rubric: a misconception and the criteria that it contradicts."""

from __future__ import annotations

from grader.bank.question import Criterion, Misconception, Question
from grader.signals.witnesses import StatementWitness, Witnesses


def against_criterion(criterion: Criterion, question: Question, witnesses: Witnesses) -> tuple[StatementWitness, ...]:
    """What is measured of the misconceptions that contradict a criterion."""
    return tuple(
        found
        for misconception, found in zip(question.misconceptions, witnesses.misconceptions, strict=True)
        if criterion.id in misconception.contradicts
    )


def against_misconception(
    misconception: Misconception, question: Question, witnesses: Witnesses
) -> tuple[StatementWitness, ...]:
    """What is measured of the criteria that a misconception contradicts."""
    return tuple(
        found
        for criterion, found in zip(question.criteria, witnesses.criteria, strict=True)
        if criterion.id in misconception.contradicts
    )
