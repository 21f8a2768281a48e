"""Which statements an answer is judged by, what the judge is given to read, and what becomes of its opinions."""

from __future__ import annotations

from fakes import DROPOUT, DROPOUT_BANK, ScriptedJudge
from hypothesis import given
from hypothesis import strategies as st

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.grade import Grade, Reason, Verdict
from grader.grading import Grader
from grader.request import GradeRequest
from grader.rooms import models_folder
from grader.scoring.calibration import load_calibration
from grader.signals.judge import passage
from grader.text.reading import read


def graded(answer: str, judge: ScriptedJudge | None) -> Grade:
    return Grader(Library([DROPOUT_BANK]), HashingEncoder(), judge).grade(
        GradeRequest(question_id="tiny-1", answer=answer)
    )


def test_the_answer_is_read_after_the_question() -> None:
    judge = ScriptedJudge()
    graded("Dropout deactivates random neurons.", judge)
    assert {text for _, text in judge.asked} == {"What is dropout? Dropout deactivates random neurons."}


def test_only_statements_that_the_answer_comes_near_to_are_judged() -> None:
    judge = ScriptedJudge()
    graded("Dropout deactivates random neurons.", judge)
    near = {statement for statement, _ in judge.asked}
    assert DROPOUT.criteria[0].statement in near
    other = ScriptedJudge()
    graded("Xylophones jingle.", other)
    assert other.asked == []


def said_as(*wordings: str) -> Library:
    """The bank on dropout, its first criterion said in other ways too."""
    first = DROPOUT.criteria[0].model_copy(update={"said_as": wordings})
    question = DROPOUT.model_copy(update={"criteria": (first, *DROPOUT.criteria[1:])})
    return Library([DROPOUT_BANK.model_copy(update={"questions": (question,)})])


def test_of_a_statements_wordings_the_nearest_two_are_judged_and_the_one_that_is_said_counts() -> None:
    rests, sleeps = "Neurons rest at random under dropout.", "Dropout lets neurons sleep."
    judge = ScriptedJudge(says="sleep", about="sleep")
    grader = Grader(said_as("Xylophones jingle.", rests, sleeps), HashingEncoder(), judge)
    grade = grader.grade(GradeRequest(question_id="tiny-1", answer="Dropout lets neurons sleep at random."))
    asked = {wording for wording, _ in judge.asked}
    assert asked & {DROPOUT.criteria[0].statement, "Xylophones jingle.", rests, sleeps} == {rests, sleeps}
    assert grade.criteria[0].signals["judged_said"] > 0.9


def test_an_answer_of_nothing_is_not_judged() -> None:
    judge = ScriptedJudge()
    graded("", judge)
    assert judge.asked == []


def test_what_the_judge_reads_as_said_raises_a_criterion() -> None:
    answer = "Dropout makes random neurons rest during training."
    plain, believed = graded(answer, ScriptedJudge()), graded(answer, ScriptedJudge(says="rest"))
    assert believed.criteria[0].signals["probability"] > plain.criteria[0].signals["probability"]
    assert (believed.score or 0) > (plain.score or 0)


def test_what_the_judge_reads_as_contradicted_lowers_a_criterion() -> None:
    answer = "Dropout adds random neurons during training."
    plain, denied = graded(answer, ScriptedJudge()), graded(answer, ScriptedJudge(contradicts="adds"))
    assert denied.criteria[0].signals["probability"] < plain.criteria[0].signals["probability"]
    assert denied.criteria[0].signals["judged_contradicted"] > 0.9


def test_a_misconception_that_the_judge_reads_as_said_speaks_against_what_it_contradicts() -> None:
    answer = "Dropout deactivates neurons when the network is evaluated."
    plain, believed = graded(answer, ScriptedJudge()), graded(answer, ScriptedJudge(says="evaluated", about="tested"))
    assert believed.criteria[0].signals["probability"] < plain.criteria[0].signals["probability"]


def test_a_doubtful_grade_near_the_pass_mark_needs_review() -> None:
    answer, judge = "Dropout makes random neurons rest.", ScriptedJudge(says="rest")
    learnt = load_calibration(models_folder() / "calibration" / "judged.json")
    for doubtful, sent in ((0.2, True), (0.5, False)):
        spread = learnt.spread.model_copy(update={"doubtful": doubtful})
        calibration = learnt.model_copy(update={"spread": spread})
        grader = Grader(Library([DROPOUT_BANK]), HashingEncoder(), judge, calibration=calibration)
        grade = grader.grade(GradeRequest(question_id="tiny-1", answer=answer))
        assert (Reason.NEAR_PASS_MARK in grade.reasons) == sent


def test_of_a_long_answer_the_sentence_that_comes_nearest_is_read_with_its_neighbours() -> None:
    filler = "People like it. " * 90
    judge = ScriptedJudge(says="switched off")
    grade = graded(f"{filler}So: random neurons are switched off during training. {filler}", judge)
    read_of = {text for statement, text in judge.asked if statement == DROPOUT.criteria[0].statement}
    said = "random neurons are switched off during training."
    assert read_of == {f"What is dropout? People like it. So: {said} People like it."}
    assert grade.criteria[0].verdict is Verdict.MET


def test_a_receipt_names_the_judge_and_what_was_learnt_with_it() -> None:
    with_judge, without = graded("Dropout.", ScriptedJudge()).receipt, graded("Dropout.", None).receipt
    assert with_judge is not None
    assert without is not None
    assert (with_judge.judge, without.judge) == ("scripted", None)
    assert with_judge.calibration != without.calibration


def test_a_long_question_leaves_its_room_to_the_answer() -> None:
    judge = ScriptedJudge()
    grader = Grader(Library([]), HashingEncoder(), judge)
    question = "What is dropout, given that " + "networks have many layers " * 20 + "?"
    grader.grade(
        GradeRequest(question=question, references=("Dropout drops neurons.",), answer="Dropout drops neurons.")
    )
    assert {text for _, text in judge.asked} == {"Dropout drops neurons."}


@given(st.lists(st.sampled_from(["Dropout rests.", "It drops units, and so on;", "x " * 500, "Why?"]), max_size=12))
def test_no_passage_is_longer_than_a_judge_reads_at_once(sentences: list[str]) -> None:
    found = read(" ".join(sentences))
    for clause in (clause for sentence in found.sentences for clause in sentence.clauses):
        around = passage(found, clause)
        assert len(around) <= 700
        assert found.text[clause.start : min(clause.end, clause.start + 10)].strip() in around
