"""Feedback: useful to the candidate, complete to the grader, and nothing revealed that the bank keeps."""

from __future__ import annotations

import pytest
from fakes import DROPOUT_BANK

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.grade import Feedback, Label, Verdict
from grader.grading import Grader
from grader.request import GradeRequest
from grader.scoring.combine import JudgedCriterion, Judgement, label
from grader.scoring.feedback import feedback
from grader.scoring.opening import IN_A_WORD, Tally, opening
from grader.signals.similarity import StatementSimilarity
from grader.signals.witnesses import StatementWitness
from grader.text.reading import read


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


@pytest.mark.parametrize(
    ("label", "tally", "told"),
    [
        (Label.CORRECT, Tally(3, met=3), "A good answer."),
        (Label.CORRECT, Tally(3, met=2), "A good answer."),
        (Label.CORRECT, Tally(3, met=1), "A good answer as a whole, though not every point was found"),
        (Label.CORRECT, Tally(3, met=1, partly=2), "A good answer."),
        (Label.CORRECT, Tally(3, met=0, partly=3), "A good answer as a whole, though not every point was found"),
        (Label.CORRECT, Tally(3, met=2, contradicted=1), "A good answer, but for an error in it."),
        (Label.CORRECT, Tally(3, met=3, claimed=1), "A good answer, but for an error in it."),
        (Label.PARTIAL, Tally(3, met=1), "Partly right."),
        (Label.PARTIAL, Tally(3, met=0, partly=1), "Partly right."),
        (Label.PARTIAL, Tally(3, met=0), "Partly right as a whole, though none of the points was found"),
        (Label.PARTIAL, Tally(3, met=3), "Partly right: each point was found, but as a whole"),
        (Label.PARTIAL, Tally(3, met=3, claimed=1), "Partly right."),
        (Label.INCORRECT, Tally(3, met=0), "Not there yet."),
        (Label.INCORRECT, Tally(3, met=1), "Not there yet."),
        (Label.INCORRECT, Tally(4, met=2, contradicted=1), "Not there yet."),
        (Label.INCORRECT, Tally(3, met=2, claimed=1), "Not there yet: an error weighs more than what is right."),
        (Label.INCORRECT, Tally(3, met=2), "Not there yet: some points were found, but as a whole"),
    ],
)
def test_the_first_sentence_and_the_points_agree_or_it_says_why_not(label: Label, tally: Tally, told: str) -> None:
    said = opening(label, tally)
    assert said.startswith(told)
    assert said.count(".") == 1
    assert (said == IN_A_WORD[label]) is (told == IN_A_WORD[label])


@pytest.mark.parametrize(("score", "word"), [(0.0, "Not there yet."), (0.5, "Partly right"), (1.0, "A good answer")])
@pytest.mark.parametrize("met", [(), ("deactivates",), ("deactivates", "less-overfitting")])
def test_whatever_the_score_the_points_are_told_and_the_first_sentence_is_of_the_score(
    score: float, word: str, met: tuple[str, ...]
) -> None:
    said = " ".join(told_of(score, met).split())
    assert said.startswith(word.rstrip("."))
    assert ("Right: " in said) is bool(met)
    if met and score == 0.0 and len(met) == 2:
        assert said.startswith("Not there yet: ")


def told_of(score: float, met: tuple[str, ...]) -> str:
    """What a candidate is told of a score that is another than its points would give."""
    similarity = StatementSimilarity(0.0, 0.0, 0.0, None)
    criteria = tuple(
        JudgedCriterion(one, StatementWitness(similarity, None, None), 0.5, verdict, 0.5)
        for one in DROPOUT_BANK.questions[0].criteria
        for verdict in [Verdict.MET if one.id in met else Verdict.MISSING]
    )
    judgement = Judgement(criteria, (), (), 0.5, score)
    return feedback(judgement, label(score), read("It is a method."), "hints").candidate


@pytest.mark.parametrize(
    ("reveal", "end"), [("hints", "Still to say: What is it good for?"), ("nothing", "Partly there: 1 more point.")]
)
def test_a_point_that_is_met_in_part_is_neither_right_nor_missing(reveal: str, end: str) -> None:
    candidate = told(
        "It turns off units at random while training, so the network generalizes better.", reveal
    ).candidate
    assert "Right: 1 of 2 points" in candidate
    assert "Partly there: 1 more point." in candidate
    assert candidate.endswith(end)


def test_a_long_clause_is_quoted_in_part() -> None:
    answer = "Dropout deactivates random neurons during training " + "in a really very long winded way " * 10
    assert "…”" in told(answer).candidate
