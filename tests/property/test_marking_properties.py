"""Marking an answer loses and adds nothing."""

from __future__ import annotations

from grader_api.web.marking import marked
from hypothesis import given
from strategies import texts

from grader.grading import Grader
from grader.request import GradeRequest


@given(answer=texts)
def test_the_pieces_are_the_answer_and_every_evidence_is_marked(dropout_grader: Grader, answer: str) -> None:
    grade = dropout_grader.grade(GradeRequest(question_id="tiny-1", answer=f"{answer} dropout disables units"))
    whole = f"{answer} dropout disables units"
    pieces = marked(whole, grade)
    assert "".join(piece.text for piece in pieces) == whole
    assert all(piece.text for piece in pieces)
    ends, marks = 0, set[int]()
    for piece in pieces:
        if piece.notes:
            marks |= set(range(ends, ends + len(piece.text)))
        ends += len(piece.text)
    for criterion in grade.criteria:
        for one in criterion.evidence:
            assert marks >= set(range(one.start, one.end))
