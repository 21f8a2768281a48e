"""Answers on which nothing of the grader was ever set: its clean test.

`unseen_answers.jsonl` holds four answers to each of the 200 questions, written and marked from the questions, the
criteria's statements and the misconceptions alone: a right one, a right one that sets things side by side or refutes,
a wrong one, a mixed one. No weight was fitted and no rule, rubric or judge chosen with them in view. Once something is,
they are like `fresh_answers.jsonl`, and new ones are due.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.evaluation.metrics import pearson, rmse
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model

UNSEEN: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "unseen_answers.jsonl").read_text(encoding="utf-8").splitlines()
]
MARKS = np.array([one["score"] for one in UNSEEN], np.float64)
KIND = np.array([one["kind"] for one in UNSEEN])
LENGTHS = np.array([len(one["answer"].split()) for one in UNSEEN], np.float64)


@pytest.fixture(scope="module", params=["judged_grader", "real_grader"])
def graded(request: pytest.FixtureRequest) -> list[Grade]:
    grader: Grader = request.getfixturevalue(request.param)
    print(f"\n\nunseen answers, {'without a judge' if grader.models.judge is None else 'with the judge'}")
    return grader.grade_many([GradeRequest(question_id=one["question_id"], answer=one["answer"]) for one in UNSEEN])


def test_unseen_answers_are_graded_in_the_order_of_their_kinds(graded: list[Grade]) -> None:
    scores = np.array([grade.score for grade in graded], np.float64)
    print(f"  n {len(UNSEEN)}  r {pearson(MARKS, scores):.2f} (length alone {pearson(MARKS, LENGTHS):.2f})", end="")
    print(f"  error {rmse(MARKS, scores):.2f}")
    mean = {}
    for kind in ("right", "contrast", "mixed", "wrong"):
        some = kind == KIND
        mean[kind] = float(scores[some].mean())
        accused = np.mean([bool(grade.misconceptions) for grade, is_one in zip(graded, some, strict=True) if is_one])
        print(
            f"  {kind:<9} marked {MARKS[some].mean():.2f}  graded {mean[kind]:.2f}  accused of an error {accused:.2f}"
        )
    assert min(mean["right"], mean["contrast"]) > mean["mixed"] > mean["wrong"]


def test_most_misconceptions_that_are_reported_of_unseen_answers_are_claimed(graded: list[Grade]) -> None:
    reported = [{found.id for found in grade.misconceptions} for grade in graded]
    claimed = [set(one["claims"]) for one in UNSEEN]
    hits = sum(len(one & other) for one, other in zip(reported, claimed, strict=True))
    precision, recall = hits / sum(map(len, reported)), hits / sum(map(len, claimed))
    print(f"  misconceptions: {recall:.2f} of those claimed are found; {precision:.2f} of those found are claimed")
    assert precision > 0.5


def test_intervals_and_review_on_unseen_answers(graded: list[Grade]) -> None:
    intervals = [grade.confidence for grade in graded if grade.confidence is not None]
    held = np.mean([found.low <= mark <= found.high for found, mark in zip(intervals, MARKS, strict=True)])
    errors = np.abs(np.array([grade.score for grade in graded], np.float64) - MARKS)
    sent = np.array([grade.needs_review for grade in graded])
    print(f"  intervals: {held:.3f} of the marks lie in them, where {intervals[0].level} should")
    print(
        f"  review: {sent.mean():.2f} are sent; mean error {errors.mean():.3f}, of the rest {errors[~sent].mean():.3f}"
    )
    assert errors[sent].mean() > errors[~sent].mean()
