"""Witnesses to probability, verdict, score, points and review."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.grade import Label, Reason, Verdict
from grader.grading import Grader
from grader.request import GradeRequest
from grader.rooms import models_folder
from grader.scoring.calibration import load_calibration
from grader.scoring.combine import CLAIMED, MET, PARTIAL, label, points
from grader.scoring.probability import claim_probability, criterion_probability, is_denied_in_words
from grader.signals.judge import Opinion
from grader.signals.keywords import KeywordMatch
from grader.signals.reference import READING_SIGNS, ReferenceReading
from grader.signals.similarity import StatementSimilarity
from grader.signals.witnesses import StatementWitness

LEARNT = load_calibration(models_folder() / "calibration" / "unjudged.json")


def witnessed(
    said: float | None = 1.0, *, together: float | None = None, denied: float = 0.0, coverage: float = 0.5,
    cosine: float = 0.6, lift: float = 0.1,
) -> StatementWitness:  # fmt: skip
    similarity = StatementSimilarity(cosine, lift, coverage, None)
    if said is None:
        return StatementWitness(similarity, None, None)
    return StatementWitness(
        similarity, KeywordMatch(said, said if together is None else together, denied, (), ()), None
    )


def met(witness: StatementWitness, *opposites: StatementWitness) -> float:
    return criterion_probability(witness, opposites, LEARNT)


def claimed(witness: StatementWitness, *opposites: StatementWitness) -> float:
    return claim_probability(witness, opposites, 0.6, LEARNT)


def test_all_keywords_near_the_meaning_meet_a_criterion() -> None:
    assert met(witnessed()) >= MET


def test_a_bluff_near_the_meaning_without_keywords_does_not() -> None:
    assert met(witnessed(0.0, coverage=0.15, cosine=0.65, lift=0.05)) < PARTIAL


def test_keywords_in_an_answer_about_something_else_are_less_than_keywords_near_the_meaning() -> None:
    assert met(witnessed(1.0, coverage=0.1, cosine=0.25, lift=0.0)) < met(witnessed(1.0))


def test_denied_keywords_do_not_meet_a_criterion_and_are_a_denial() -> None:
    denied = witnessed(0.0, denied=1.0)
    assert met(denied) < PARTIAL
    assert is_denied_in_words(denied)
    assert not is_denied_in_words(witnessed(1.0, denied=1.0))


def test_a_close_paraphrase_without_keywords_to_look_for_meets_a_criterion() -> None:
    assert met(witnessed(None, coverage=0.9, cosine=0.85, lift=0.6)) >= MET


@pytest.mark.parametrize("part", ["said", "coverage", "cosine", "lift"])
def test_what_speaks_for_a_criterion_never_lowers_its_probability(part: str) -> None:
    steps = [step / 10 for step in range(11)]
    found = [met(witnessed(value) if part == "said" else witnessed(0.5, **{part: value})) for value in steps]
    assert found == sorted(found)


def test_what_speaks_for_an_error_never_raises_its_opposites() -> None:
    steps = [step / 10 for step in range(11)]
    criteria = [met(witnessed(0.6), witnessed(1.0, together=value)) for value in steps]
    errors = [claimed(witnessed(0.9), witnessed(value)) for value in steps]
    assert criteria == sorted(criteria, reverse=True)
    assert errors == sorted(errors, reverse=True)


def test_a_drafted_criterion_is_met_as_far_as_its_clause_is_read() -> None:
    similarity = StatementSimilarity(0.1, 0.0, 0.0, None)
    full, empty = (ReferenceReading(**dict.fromkeys(READING_SIGNS, value)) for value in (0.95, 0.05))
    assert met(StatementWitness(similarity, None, full)) >= MET
    assert met(StatementWitness(similarity, None, empty)) < PARTIAL


def test_half_of_an_errors_words_are_no_error() -> None:
    assert claimed(witnessed(0.5, coverage=0.3)) < CLAIMED
    assert claimed(witnessed(1.0, coverage=0.3)) >= CLAIMED


def test_an_error_said_in_two_sentences_is_not_claimed() -> None:
    assert claimed(witnessed(0.95, together=0.5, coverage=0.3)) < CLAIMED


def test_an_error_in_none_of_its_words_is_open_at_most_where_the_contrary_is_said() -> None:
    near = witnessed(0.0, coverage=0.9, cosine=0.9)
    assert claimed(near, witnessed(0.5)) >= CLAIMED
    assert claimed(near, witnessed(1.0)) <= 0.5
    assert claimed(replace(near, opinion=Opinion(0.9, 0.0)), witnessed(1.0)) > 0.5


@pytest.mark.parametrize(
    ("score", "expected"), [(0.8, "correct"), (0.7999, "partial"), (0.4, "partial"), (0.39, "incorrect")]
)
def test_a_score_in_a_word(score: float, expected: str) -> None:
    assert label(score) is Label(expected)


@pytest.mark.parametrize(
    ("score", "most", "step", "expected"),
    [
        (0.74, 10, 0.5, 7.5),
        (0.725, 10, 0.5, 7.5),
        (0.72, 10, 0.5, 7.0),
        (1.0, 10, 3.0, 9.0),
        (0.333, 3, 1, 1),
        (0, 5, 1, 0),
    ],
)
def test_points_lie_on_the_banks_grid(score: float, most: float, step: float, expected: float) -> None:
    assert points(score, most, step) == expected


def reasons(grader: Grader, answer: str) -> tuple[Reason, ...]:
    return grader.grade(GradeRequest(question_id="tiny-1", answer=answer)).reasons


def test_a_sure_grade_needs_no_review(dropout_grader: Grader) -> None:
    assert reasons(dropout_grader, "Dropout deactivates random neurons in training. It reduces overfitting.") == ()


def test_a_guard_asks_for_review(dropout_grader: Grader) -> None:
    assert Reason.GUARD_FIRED in reasons(dropout_grader, "deactivate, neuron, overfitting, unit, drop")


def test_saying_and_denying_a_point_asks_for_review(dropout_grader: Grader) -> None:
    answer = "Dropout reduces overfitting. But dropout does not reduce overfitting."
    assert Reason.SELF_CONTRADICTION in reasons(dropout_grader, answer)


def test_an_interval_holds_its_score(dropout_grader: Grader) -> None:
    for answer in ("", "Dropout drops neurons.", "It reduces overfitting."):
        grade = dropout_grader.grade(GradeRequest(question_id="tiny-1", answer=answer))
        assert grade.confidence is not None
        assert grade.score is not None
        assert grade.confidence.low <= grade.score <= grade.confidence.high
        assert grade.confidence.level == LEARNT.spread.level


def test_a_missing_criterion_has_no_evidence(dropout_grader: Grader) -> None:
    grade = dropout_grader.grade(GradeRequest(question_id="tiny-1", answer="It is a method."))
    assert [criterion.evidence for criterion in grade.criteria if criterion.verdict is Verdict.MISSING] == [(), ()]
