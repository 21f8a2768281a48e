from __future__ import annotations

from grader_api.web.marking import marked

from grader.grade import Evidence, Grade, Verdict
from grader.grading import Grader
from grader.request import GradeRequest

ANSWER = "Dropout disables random units in training, so the network generalizes better."


def graded(grader: Grader, answer: str = ANSWER) -> Grade:
    return grader.grade(GradeRequest(question_id="tiny-1", answer=answer))


def with_evidence(grade: Grade, *places: tuple[int, int, int]) -> Grade:
    """The grade with every criterion met, by evidence (criterion, start, end) in place of its own."""
    criteria = tuple(
        one.model_copy(
            update={
                "verdict": Verdict.MET,
                "evidence": tuple(
                    Evidence(start=start, end=end, text=ANSWER[start:end], signal="keywords")
                    for number, start, end in places
                    if number == index
                ),
            }
        )
        for index, one in enumerate(grade.criteria)
    )
    return grade.model_copy(update={"criteria": criteria})


def test_words_that_earn_points_are_marked_and_point_to_their_criterion(dropout_grader: Grader) -> None:
    pieces = marked(ANSWER, with_evidence(graded(dropout_grader), (0, 8, 16), (0, 24, 29), (1, 58, 69)))
    assert [(piece.text, piece.kind, [note.anchor for note in piece.ending]) for piece in pieces if piece.notes] == [
        ("disables", "met", ["point-1"]),
        ("units", "met", ["point-1"]),
        ("generalizes", "met", ["point-2"]),
    ]


def test_what_is_wrong_shows_where_marks_overlap(dropout_grader: Grader) -> None:
    wrong = "Dropout deactivates neurons when the network is tested."
    pieces = marked(wrong, graded(dropout_grader, wrong))
    assert {piece.kind for piece in pieces if piece.text in {"deactivates", "tested"}} == {"claim"}
    assert any(note.anchor == "error-1" for piece in pieces for note in piece.ending)


def test_stretches_of_one_criterion_with_spaces_between_them_are_one(dropout_grader: Grader) -> None:
    grade = with_evidence(graded(dropout_grader), (0, 0, 7), (0, 8, 16), (0, 4, 10), (0, 17, 23))
    assert [piece.text for piece in marked(ANSWER, grade) if piece.notes] == ["Dropout disables random"]


def test_overlapping_criteria_are_cut_where_one_begins_or_ends(dropout_grader: Grader) -> None:
    pieces = marked(ANSWER, with_evidence(graded(dropout_grader), (0, 0, 16), (1, 8, 23)))
    assert [(piece.text, [note.label for note in piece.notes]) for piece in pieces[:3]] == [
        ("Dropout ", ["1"]),
        ("disables", ["1", "2"]),
        (" random", ["2"]),
    ]


def test_evidence_beyond_the_answer_is_left_out(dropout_grader: Grader) -> None:
    pieces = marked("short", with_evidence(graded(dropout_grader), (0, 3, 23)))
    assert [(piece.text, piece.notes) for piece in pieces] == [("short", ())]


def test_a_blank_answer_has_no_pieces(dropout_grader: Grader) -> None:
    assert marked("", graded(dropout_grader, "")) == []
