"""The grader as its callers meet it, with the hashing encoder."""

from __future__ import annotations

import pytest
from fakes import DROPOUT, DROPOUT_BANK
from pydantic import ValidationError

from grader.bank.library import Library
from grader.encoders.cache import EncodingCache
from grader.encoders.hashing import HashingEncoder
from grader.errors import AnswerTooLong, NotText, UnknownQuestion
from grader.grade import Flag, Grade, Label, Reason, Verdict
from grader.grading import Grader
from grader.request import GradeRequest

RIGHT = "Dropout switches off random neurons during training. That reduces overfitting."


def ask(grader: Grader, answer: str, question_id: str = "tiny-1") -> Grade:
    return grader.grade(GradeRequest(question_id=question_id, answer=answer))


def verdicts(grade: Grade) -> dict[str, Verdict]:
    return {criterion.id: criterion.verdict for criterion in grade.criteria}


def test_a_right_answer_meets_every_criterion(dropout_grader: Grader) -> None:
    grade = ask(dropout_grader, RIGHT)
    assert verdicts(grade) == {"deactivates": Verdict.MET, "less-overfitting": Verdict.MET}
    assert grade.score == 1.0
    assert grade.points == 10.0
    assert grade.passed
    assert grade.label is Label.CORRECT


def test_half_an_answer_earns_its_weight(dropout_grader: Grader) -> None:
    grade = ask(dropout_grader, "Dropout deactivates random neurons during training.")
    assert verdicts(grade) == {"deactivates": Verdict.MET, "less-overfitting": Verdict.MISSING}
    assert grade.score == pytest.approx(2 / 3, abs=0.1)


def test_a_denied_criterion_is_contradicted(dropout_grader: Grader) -> None:
    grade = ask(dropout_grader, "Dropout does not reduce overfitting.")
    assert verdicts(grade)["less-overfitting"] is Verdict.CONTRADICTED
    (evidence,) = next(one.evidence for one in grade.criteria if one.id == "less-overfitting")
    assert evidence.text == "overfitting"
    assert evidence.signal == "negation"


def test_a_claimed_misconception_caps_the_score_and_denies_its_criteria(dropout_grader: Grader) -> None:
    grade = ask(
        dropout_grader, "Dropout deactivates random neurons when the network is tested. It reduces overfitting."
    )
    assert [claimed.id for claimed in grade.misconceptions] == ["at-test-time"]
    assert verdicts(grade)["deactivates"] is Verdict.CONTRADICTED
    assert grade.score is not None
    assert grade.score <= 0.25
    assert Flag.MISCONCEPTION in {flag.flag for flag in grade.flags}


def test_only_the_wanted_number_of_electives_counts(dropout_grader: Grader) -> None:
    grade = ask(dropout_grader, "Mars is a planet, and Venus is a planet.", "tiny-2")
    assert grade.score == 1.0
    assert [criterion.counted for criterion in grade.criteria] == [True, True, False]


def test_a_list_answers_a_question_that_wants_a_list(dropout_grader: Grader) -> None:
    grade = ask(dropout_grader, "Mars, Venus, Saturn, Pluto", "tiny-2")
    assert Flag.KEYWORD_LIST not in {flag.flag for flag in grade.flags}


@pytest.mark.parametrize("blank", ["", " ", "\n\t \u200b", "\u00a0"])
def test_a_blank_answer_scores_zero_with_a_flag(dropout_grader: Grader, blank: str) -> None:
    grade = ask(dropout_grader, blank)
    assert grade.score == 0.0
    assert grade.error is None
    assert [flag.flag for flag in grade.flags] == [Flag.BLANK]


def test_an_unknown_question_is_named_with_the_nearest(dropout_grader: Grader) -> None:
    with pytest.raises(UnknownQuestion) as caught:
        ask(dropout_grader, RIGHT, "tiny-11")
    assert caught.value.nearest[0] == "tiny-1"


def test_an_answer_beyond_the_limit_is_refused() -> None:
    grader = Grader(Library([DROPOUT_BANK]), HashingEncoder(), max_answer_bytes=10)
    with pytest.raises(AnswerTooLong, match="has 12 bytes of UTF-8; the limit is 10"):
        ask(grader, "éééééé")


def test_a_lone_surrogate_is_not_text(dropout_grader: Grader) -> None:
    with pytest.raises(NotText, match="code point 2"):
        ask(dropout_grader, "ab\ud800")


def test_a_bad_row_is_an_error_in_its_own_place(dropout_grader: Grader) -> None:
    grades = dropout_grader.grade_many(
        [
            GradeRequest(question_id="tiny-1", answer=RIGHT),
            GradeRequest(question_id="nowhere", answer=RIGHT, candidate_id="c7"),
            GradeRequest(question_id="tiny-1", answer="ab\ud800"),
            GradeRequest(question_id="tiny-1", answer=""),
        ]
    )
    assert [grade.score is None for grade in grades] == [False, True, True, False]
    assert grades[1].error is not None
    assert grades[1].error.kind == "UnknownQuestion"
    assert grades[1].candidate_id == "c7"
    assert grades[1].needs_review


def test_a_question_sent_along_that_cannot_be_one_is_an_error_in_its_place(dropout_grader: Grader) -> None:
    many = GradeRequest(question="Why?", references=("So.",) * 51, answer="So.")
    elective = GradeRequest(
        question="Why?", references=("So.",), criteria=(DROPOUT.criteria[0], DROPOUT.criteria[0]), answer="So."
    )
    first, second, third = dropout_grader.grade_many([many, elective, GradeRequest(question_id="tiny-1", answer=RIGHT)])
    assert first.error is not None
    assert second.error is not None
    assert (first.error.kind, first.error.message.split(": ")[1]) == ("UnusableQuestion", "references")
    assert second.error.message == "question: criteria[1].id: the id 'deactivates' stands more than once"
    assert third.score is not None


def test_no_requests_make_no_grades(dropout_grader: Grader) -> None:
    assert dropout_grader.grade_many([]) == []


def test_a_question_sent_along_is_graded_by_criteria_drafted_from_its_reference(dropout_grader: Grader) -> None:
    request = GradeRequest(
        question="Why is the sky blue?",
        references=("Air molecules scatter blue light more strongly than red light.",),
        answer="Because the molecules of the air scatter blue light more strongly than the red light.",
        candidate_id="c1",
        metadata={"class": "4b"},
    )
    grade = dropout_grader.grade(request)
    assert grade.question_id is None
    assert grade.label is Label.CORRECT
    assert Reason.DRAFTED_RUBRIC in grade.reasons
    assert (grade.candidate_id, grade.metadata) == ("c1", {"class": "4b"})


def test_the_reference_that_suits_an_answer_best_grades_it(dropout_grader: Grader) -> None:
    references = ("Plants make sugar from light.", "Photosynthesis stores the energy of sunshine in glucose.")
    for reference in references:
        grade = dropout_grader.grade(
            GradeRequest(question="What do leaves do?", references=references, answer=reference)
        )
        assert grade.label is Label.CORRECT


def test_a_request_names_a_question_or_brings_one() -> None:
    with pytest.raises(ValidationError, match="give question_id, or question with references"):
        GradeRequest(answer="x")
    with pytest.raises(ValidationError, match="at least one reference"):
        GradeRequest(answer="x", question="y?")
    with pytest.raises(ValidationError, match="brings its own references"):
        GradeRequest(answer="x", question_id="tiny-1", references=("z",))


def test_the_receipt_names_what_the_grade_rests_on(dropout_grader: Grader) -> None:
    receipt = ask(dropout_grader, RIGHT).receipt
    assert receipt is not None
    assert receipt.bank == "tiny"
    assert receipt.bank_hash == DROPOUT_BANK.content_hash
    assert receipt.question_hash == DROPOUT.content_hash
    assert receipt.encoder == HashingEncoder.identity


def test_a_cached_question_grades_as_a_fresh_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = EncodingCache(tmp_path_factory.mktemp("cache"))
    first = ask(Grader(Library([DROPOUT_BANK]), HashingEncoder(), cache=cache), RIGHT)
    second = ask(Grader(Library([DROPOUT_BANK]), HashingEncoder(), cache=cache), RIGHT)
    without = ask(Grader(Library([DROPOUT_BANK]), HashingEncoder()), RIGHT)
    assert first == second == without


def test_a_grade_without_a_score_or_an_error_is_no_grade(dropout_grader: Grader) -> None:
    grade = ask(dropout_grader, RIGHT)
    with pytest.raises(ValidationError, match="a score and all that goes with it, or an error"):
        Grade.model_validate(grade.model_dump() | {"score": None})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1, 1.1])
def test_no_grade_holds_a_number_out_of_range(dropout_grader: Grader, bad: float) -> None:
    grade = ask(dropout_grader, RIGHT)
    with pytest.raises(ValidationError):
        Grade.model_validate(grade.model_dump() | {"score": bad})
