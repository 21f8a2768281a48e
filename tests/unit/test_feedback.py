"""Feedback: useful to the candidate, complete to the grader, and nothing revealed that the bank keeps."""

from __future__ import annotations

import pytest
from fakes import DROPOUT_BANK

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.grade import Feedback
from grader.grading import Grader
from grader.request import GradeRequest


def told(answer: str, reveal: str = "hints", question_id: str = "tiny-1") -> Feedback:
    bank = DROPOUT_BANK.model_copy(update={"reveal": reveal})
    grade = Grader(Library([bank]), HashingEncoder()).grade(GradeRequest(question_id=question_id, answer=answer))
    assert grade.feedback is not None
    return grade.feedback


def test_what_is_right_is_quoted_from_the_answer() -> None:
    feedback = told("Dropout deactivates random neurons in training; it is popular.")
    assert "Right: 1 of 2 points: “Dropout deactivates random neurons in training”." in feedback.candidate


def test_what_is_missing_is_pointed_at_by_its_hint() -> None:
    feedback = told("Dropout deactivates random neurons in training.")
    assert "Still to say: What is it good for?" in feedback.candidate


@pytest.mark.parametrize("answer", ["", "Dropout is a method.", "Dropout deactivates neurons at test time."])
@pytest.mark.parametrize("reveal", ["nothing", "hints"])
def test_no_statement_is_revealed_unless_the_bank_allows_it(answer: str, reveal: str) -> None:
    candidate = told(answer, reveal).candidate
    for criterion in DROPOUT_BANK.questions[0].criteria:
        assert criterion.statement not in candidate
        if reveal == "nothing":
            assert criterion.hint not in candidate


def test_a_bank_may_reveal_statements() -> None:
    assert "Dropout reduces overfitting." in told("It drops random neurons in training.", "statements").candidate


def test_nothing_revealed_still_counts_what_is_missing() -> None:
    assert "1 more point is missing." in told("Dropout deactivates random neurons in training.", "nothing").candidate


def test_a_wrong_claim_is_quoted_with_its_hint() -> None:
    candidate = told("Dropout switches off neurons when the network is tested.").candidate
    assert "Not right: “Dropout switches off neurons when the network is tested”. When is it used?" in candidate


def test_missing_electives_are_counted_not_named() -> None:
    candidate = told("Mars is a planet.", question_id="tiny-2").candidate
    assert "Name 1 more." in candidate
    assert "Saturn" not in candidate


def test_a_blank_answer_is_told_so_and_nothing_else() -> None:
    assert told("").candidate == "Not there yet. There is no answer yet."


def test_the_grader_sees_every_criterion_with_its_verdict() -> None:
    lines = told("Dropout deactivates random neurons in training.").grader.splitlines()
    assert lines[0].startswith("met (p ")
    assert "Dropout deactivates random neurons during training. — “Dropout deactivates" in lines[0]
    assert lines[1].startswith("missing (p 0.")


def test_a_long_clause_is_quoted_in_part() -> None:
    answer = "Dropout deactivates random neurons during training " + "in a really very long winded way " * 10
    assert "…”" in told(answer).candidate
