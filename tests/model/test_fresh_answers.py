"""Answers that no rubric was made with, and no weight was fitted on.

`fresh_answers.jsonl` holds six answers to each of the 200 questions, written and marked from the questions, the
criteria's statements and the misconceptions alone, without sight of keywords, references, exemplars or grades. Rules
and judges were chosen with their figures in view, so these flatter; `unseen_answers.jsonl` is the clean test.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.bank.library import Library
from grader.evaluation.metrics import pearson, rmse
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model

FRESH: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "fresh_answers.jsonl").read_text(encoding="utf-8").splitlines()
]
KINDS = ("complete", "partial", "terse", "wrong", "bluff", "free")
MARKS = np.array([one["score"] for one in FRESH], np.float64)
KIND = np.array([one["kind"] for one in FRESH])


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
    assert abs(pearson(MARKS, lengths)) < 0.15


@pytest.fixture(scope="module", params=["judged_grader", "real_grader"])
def graded(request: pytest.FixtureRequest) -> list[Grade]:
    grader: Grader = request.getfixturevalue(request.param)
    print(f"\n\nfresh answers, {'without a judge' if grader.models.judge is None else 'with the judge'}")
    return grader.grade_many([GradeRequest(question_id=one["question_id"], answer=one["answer"]) for one in FRESH])


def test_fresh_answers_are_graded_in_the_order_of_their_kinds(graded: list[Grade]) -> None:
    scores = _scores(graded)
    print(f"  n {len(FRESH)}  r {pearson(MARKS, scores):.2f}  error {rmse(MARKS, scores):.2f}")
    mean = {kind: float(scores[kind == KIND].mean()) for kind in KINDS}
    for kind in KINDS:
        print(f"  {kind:<9} marked {MARKS[kind == KIND].mean():.2f}  graded {mean[kind]:.2f}")
    assert mean["complete"] > mean["terse"] > mean["partial"] > mean["wrong"] > mean["bluff"]


def test_most_misconceptions_that_are_reported_are_claimed(graded: list[Grade]) -> None:
    reported = [{found.id for found in grade.misconceptions} for grade in graded]
    claimed = [set(one["claims"]) for one in FRESH]
    hits = sum(len(one & other) for one, other in zip(reported, claimed, strict=True))
    precision, recall = hits / sum(map(len, reported)), hits / sum(map(len, claimed))
    print(
        f"  misconceptions: {recall:.2f} of those claimed are reported; {precision:.2f} of those reported are claimed"
    )
    assert precision > 0.5


def test_intervals_hold_a_persons_mark_as_often_as_they_say(graded: list[Grade]) -> None:
    intervals = [grade.confidence for grade in graded if grade.confidence is not None]
    held = [found.low <= mark <= found.high for found, mark in zip(intervals, MARKS, strict=True)]
    level = intervals[0].level or 0.0
    print(f"  intervals: {np.mean(held):.3f} of the marks lie in them, where {level} should")
    assert np.mean(held) == pytest.approx(level, abs=0.03)


def test_what_is_sent_to_a_person_is_graded_worse_than_the_rest(graded: list[Grade]) -> None:
    errors = np.abs(_scores(graded) - MARKS)
    sent = np.array([grade.needs_review for grade in graded])
    print(
        f"  review: {sent.mean():.2f} are sent; mean error {errors.mean():.3f}, of the rest {errors[~sent].mean():.3f}"
    )
    assert errors[sent].mean() > errors[~sent].mean()


def test_no_length_is_graded_far_from_its_marks(graded: list[Grade]) -> None:
    lengths = np.array([len(one["answer"].split()) for one in FRESH])
    bounds = np.quantile(lengths, [0, 1 / 3, 2 / 3, 1])
    for low, high in pairwise(bounds):
        group = (lengths >= low) & (lengths <= high)
        bias = float((_scores(graded) - MARKS)[group].mean())
        print(f"  {low:3.0f} to {high:3.0f} words: graded {bias:+.2f} beside the marks")
        assert abs(bias) < 0.1


def _scores(graded: list[Grade]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([grade.score for grade in graded], np.float64)
