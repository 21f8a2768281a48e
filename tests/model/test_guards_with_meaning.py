"""Guards that rest on meaning, with the real model."""

from __future__ import annotations

import pytest

from grader.grade import Flag
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    "answer",
    [
        "Bake the cake for an hour, then let it cool on the windowsill.",
        "The treaty was signed in the autumn by both kings.",
        "My cat likes fish and sleeps on the sofa.",
    ],
)
def test_an_answer_about_something_else_is_off_topic(real_grader: Grader, answer: str) -> None:
    grade = real_grader.grade(GradeRequest(question_id="ds25-11", answer=answer))
    assert Flag.OFF_TOPIC in {flag.flag for flag in grade.flags}
    assert grade.score is not None
    assert grade.score <= 0.1


def test_an_answer_to_a_question_of_no_bank_is_graded(real_grader: Grader) -> None:
    def score(answer: str) -> float:
        question, references = "Why do we see lightning before we hear thunder?", ("Light travels faster than sound.",)
        grade = real_grader.grade(GradeRequest(answer=answer, question=question, references=references))
        assert grade.score is not None
        return grade.score

    assert score("Because light is much faster than sound.") >= 0.6
    assert score("Because clouds are very high up in the sky.") <= 0.3
