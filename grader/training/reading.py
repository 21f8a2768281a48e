"""Marked answers read against their references, as drafted rubrics read them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.evaluation.datasets import MarkedAnswer, read_marked
from grader.request import GradeRequest
from grader.scoring.probability import whole_values
from grader.training.combination import Array, Marked
from grader.witnessing import Witnessing

_SEED = 0
_STRANGERS_EVERY = 2  # one answer in so many is also read as an answer to another question


@dataclass(frozen=True)
class MarkedSet:
    """A data set by its name, with its marked answers."""

    name: str
    answers: Sequence[MarkedAnswer]


@dataclass(frozen=True, slots=True)
class _Case:
    """A text to be read as an answer to the question of a marked answer."""

    text: str
    asked: MarkedAnswer


def read_sets(files: Sequence[Path]) -> list[MarkedSet]:
    """The marked answers of files, each a set under its name.

    Raises:
        DatasetError: a file cannot be read.
    """
    return [MarkedSet(path.stem, read_marked(path)) for path in files]


def measure(sets: Sequence[MarkedSet], witnessing: Witnessing) -> Marked:
    """Read the answers of marked sets against their references.

    The nearest reference of an answer counts. The answers that earn nothing are answers to other questions of the same
    set, drawn with a fixed seed.
    """
    chance = random.Random(_SEED)  # noqa: S311 (a sample, no secret)
    answers: list[_Case] = []
    strangers: list[_Case] = []
    references: list[_Case] = []
    for part in sets:
        for place, one in enumerate(part.answers):
            answers.append(_Case(one.answer, one))
            other = chance.choice(part.answers)
            if place % _STRANGERS_EVERY == 0 and other.question_id != one.question_id:
                strangers.append(_Case(other.answer, one))
        asked = {one.question_id: one for one in part.answers}
        references += [_Case(text, one) for one in asked.values() for text in one.references]
    bounds = (len(answers), len(answers) + len(strangers))
    features, strange, own = np.split(_values([*answers, *strangers, *references], witnessing), bounds)
    named = [(part.name, one) for part in sets for one in part.answers]
    return Marked(
        features,
        strange,
        own,
        np.array([one.human for _, one in named]),
        np.array([f"{name}/{one.question_id}" for name, one in named]),
        np.array([name for name, _ in named]),
    )


def _values(cases: Sequence[_Case], witnessing: Witnessing) -> Array:
    """Shape (n, f): what is measured of each case, in order."""
    found = witnessing.witness_many([_request(case) for case in cases])
    return np.array([list(whole_values(witnesses).values()) for witnesses in found], np.float64)


def _request(case: _Case) -> GradeRequest:
    return GradeRequest(question=case.asked.question, references=case.asked.references, answer=case.text)
