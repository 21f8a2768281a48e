"""Answers that no rubric was made with: how the banks grade them is the nearest to a clean test that is kept here.

`fresh_answers.jsonl` holds six answers to each of the 200 questions, written and marked from the questions, the
criteria's statements and the misconceptions alone, without sight of keywords, references, exemplars or grades. Nothing
of the grader may be set on them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.bank.library import Library
from grader.evaluation.metrics import pearson, rmse
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model

FRESH: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "fresh_answers.jsonl").read_text(encoding="utf-8").splitlines()
]
KINDS = ("complete", "partial", "terse", "wrong", "bluff", "free")


def test_every_question_has_one_fresh_answer_of_each_kind(library: Library) -> None:
    kinds = defaultdict[str, list[str]](list)
    for one in FRESH:
        kinds[one["question_id"]].append(one["kind"])
        criteria = {criterion.id for criterion in library.question(one["question_id"])[1].criteria}
        assert set(one["verdicts"]) <= criteria
    assert set(kinds) == {question.id for bank in library.banks for question in bank.questions}
    assert all(tuple(found) == KINDS for found in kinds.values())


def test_length_does_not_tell_the_mark_of_a_fresh_answer() -> None:
    lengths = np.array([len(one["answer"].split()) for one in FRESH], np.float64)
    assert abs(pearson(np.array([one["score"] for one in FRESH]), lengths)) < 0.15


def test_fresh_answers_are_graded_in_the_order_of_their_kinds(real_grader: Grader) -> None:
    grades = real_grader.grade_many(
        [GradeRequest(question_id=one["question_id"], answer=one["answer"]) for one in FRESH]
    )
    graded = np.array([grade.score for grade in grades], np.float64)
    marks = np.array([one["score"] for one in FRESH], np.float64)
    kinds = np.array([one["kind"] for one in FRESH])
    print(f"\nfresh answers: n {len(FRESH)}  r {pearson(marks, graded):.2f}  error {rmse(marks, graded):.2f}")
    mean = {kind: float(graded[kinds == kind].mean()) for kind in KINDS}
    for kind in KINDS:
        print(f"  {kind:<9} marked {marks[kinds == kind].mean():.2f}  graded {mean[kind]:.2f}")
    assert mean["complete"] > mean["terse"] > mean["partial"] > mean["wrong"] > mean["bluff"]
