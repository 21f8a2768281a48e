"""What holds of every grade, whatever is answered."""

from __future__ import annotations

import math

import pytest
from fakes import DROPOUT
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from grader.bank.question import Criterion
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

CLAUSES = (
    "Dropout deactivates random neurons during training.",
    "It reduces overfitting.",
    "Dropout does not reduce overfitting.",
    "Dropout drops units when the network is tested.",
    "It is a popular method in deep learning.",
    "We switch off some units, so the model can generalize.",
    "No neuron is needed.",
)
answers = st.one_of(texts, st.lists(st.sampled_from(CLAUSES), max_size=5).map(" ".join))


def ask(grader: Grader, answer: str) -> Grade:
    return grader.grade(GradeRequest(question_id="tiny-1", answer=answer))


@given(answers)
def test_every_evidence_span_reproduces_its_text(dropout_grader: Grader, answer: str) -> None:
    grade = ask(dropout_grader, answer)
    spans = [one for judged in (*grade.criteria, *grade.misconceptions, *grade.flags) for one in judged.evidence]
    for evidence in spans:
        assert evidence.text == answer[evidence.start : evidence.end]
        assert evidence.text


@given(answers)
def test_every_grade_is_a_number_inside_its_interval(dropout_grader: Grader, answer: str) -> None:
    grade = ask(dropout_grader, answer)
    assert grade.score is not None
    assert grade.confidence is not None
    assert math.isfinite(grade.score)
    assert 0 <= grade.confidence.low <= grade.score <= grade.confidence.high <= 1


@given(st.lists(st.sampled_from(CLAUSES), max_size=4), st.sampled_from(DROPOUT.criteria))
def test_a_right_clause_that_is_added_lowers_no_criterion(
    dropout_grader: Grader, said: list[str], criterion: Criterion
) -> None:
    before = ask(dropout_grader, " ".join(said))
    after = ask(dropout_grader, " ".join([*said, criterion.statement]))
    for earlier, later in zip(before.criteria, after.criteria, strict=True):
        assert later.signals["probability"] >= earlier.signals["probability"] - 0.02


@given(answers)
def test_no_guard_raises_a_score(dropout_grader: Grader, answer: str) -> None:
    grade = ask(dropout_grader, answer)
    assert grade.score is not None
    assert all(grade.score <= flag.cap for flag in grade.flags)


@settings(max_examples=25)
@given(st.lists(answers, min_size=1, max_size=8))
def test_a_batch_in_any_order_grades_as_one_by_one(dropout_grader: Grader, batch: list[str]) -> None:
    requests = [GradeRequest(question_id="tiny-1", answer=answer) for answer in batch]
    one_by_one = [dropout_grader.grade(request) for request in requests]
    assert dropout_grader.grade_many(requests) == one_by_one
    assert dropout_grader.grade_many(requests[::-1])[::-1] == one_by_one


@pytest.mark.parametrize(
    "answer", ["a. " * 33_000, " " * 99_999, "(" * 99_999, "x, and " * 14_000, "neuron. " * 12_000]
)
def test_the_longest_answers_are_graded(dropout_grader: Grader, answer: str) -> None:
    assert ask(dropout_grader, answer).score is not None
