"""What grading a bank's own references and exemplars finds wrong with its rubric."""

from __future__ import annotations

from typing import Any

from fakes import DROPOUT

from grader.bank.question import Bank, Criterion, Exemplar, Misconception
from grader.encoders.hashing import HashingEncoder
from grader.evaluation.rubric_lint import lint_rubrics


def found(**changes: Any) -> list[tuple[str, str]]:
    """The path and reason of each finding about the dropout question with some fields changed."""
    question = DROPOUT.model_copy(update=changes)
    bank = Bank(bank="tiny", title="A tiny bank", questions=(question,))
    return [
        (f"{finding.path} ({finding.question})", finding.reason) for finding in lint_rubrics(bank, HashingEncoder())
    ]


def test_a_sound_rubric_has_no_finding() -> None:
    assert found() == []


def test_patterns_that_the_question_itself_says_are_found() -> None:
    told = DROPOUT.criteria[0].model_copy(update={"keywords": (("/drop-?out/",),)})
    reason = "the question itself says every group, so keywords say nothing"
    assert ("questions[0].criteria[0].keywords (tiny-1)", reason) in found(criteria=(told, DROPOUT.criteria[1]))


def test_a_criterion_that_no_reference_meets_is_found() -> None:
    beyond = Criterion(id="beyond", statement="Quantum tunnelling explains it.", keywords=(("quantum",),))
    assert ("questions[0].criteria[2] (tiny-1)", "no reference meets it (missing)") in found(
        criteria=(*DROPOUT.criteria, beyond)
    )


def test_an_exemplar_graded_far_off_its_score_is_found() -> None:
    wrong = Exemplar(kind="bluff", score=0.0, answer=DROPOUT.references[0])
    assert found(exemplars=(wrong,)) == [("questions[0].exemplars[0] (tiny-1)", "bluff of 0 is graded 1.00")]


def test_a_misconception_that_right_answers_trigger_is_found() -> None:
    loose = Misconception(id="loose", statement="It reduces overfitting.", keywords=(("overfitting", "generalize"),))
    reasons = [reason for _, reason in found(misconceptions=(loose,))]
    assert "seems to claim the misconception loose" in reasons
    assert "a right answer triggers the misconception loose" in reasons
