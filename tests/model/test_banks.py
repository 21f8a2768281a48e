"""Every bank: its exemplars graded with the real model, by bank and kind, printed and bounded."""

from __future__ import annotations

import statistics
from collections import defaultdict

import pytest

from grader.bank.library import Library
from grader.bank.question import Bank
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model

SIZES = {"basics50": 50, "ds25": 25, "guide75": 75, "top50": 50}


def test_every_numbered_question_has_its_entry(library: Library) -> None:
    found = {bank.bank: [question.id for question in bank.questions] for bank in library.banks}
    assert found == {name: [f"{name}-{number}" for number in range(1, size + 1)] for name, size in SIZES.items()}


@pytest.mark.parametrize("name", SIZES)
def test_exemplars_are_graded_as_marked(real_grader: Grader, library: Library, name: str) -> None:
    bank: Bank = library.bank(name)
    exemplars = [(question.id, exemplar) for question in bank.questions for exemplar in question.exemplars]
    grades = real_grader.grade_many(
        [GradeRequest(question_id=question, answer=exemplar.answer) for question, exemplar in exemplars]
    )
    found = [grade.score for grade in grades if grade.score is not None]
    r = statistics.correlation(found, [exemplar.score for _, exemplar in exemplars])
    by_kind = defaultdict[str, list[float]](list)
    for (_, exemplar), score in zip(exemplars, found, strict=True):
        by_kind[exemplar.kind].append(score)
    means = {kind: statistics.mean(graded) for kind, graded in sorted(by_kind.items())}
    print(
        f"\n{name:<9} n {len(found):>3}  r {r:.3f}  " + "  ".join(f"{kind} {mean:.2f}" for kind, mean in means.items())
    )
    assert r >= 0.9
    assert means["complete"] >= 0.8
    assert means["terse"] >= 0.6
    assert means["misconception"] <= 0.3
    assert means["bluff"] <= 0.15
