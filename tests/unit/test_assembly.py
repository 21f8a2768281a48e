"""What was found in documents, as a bank."""

from __future__ import annotations

import pytest

from grader.bank.assembly import MAX_TEXT, Reading, assemble, bank_id_of, missing_numbers
from grader.bank.extraction.found import Extraction, Found, Unanswered
from grader.errors import DocumentError


def found(number: int, *doubts: str, answer: str = "It scales.") -> Found:
    return Found(number, f"What is {number}?", answer, number * 10, number * 10 + 2, doubts)


def reading(*numbers: int, name: str = "a.md", title: str | None = None) -> Reading:
    return Reading(name, title, Extraction(tuple(found(number) for number in numbers)))


def test_ids_are_the_banks_and_the_number() -> None:
    bank = assemble([reading(1, 2, 40)], "gates")
    assert [question.id for question in bank.questions] == ["gates-1", "gates-2", "gates-40"]


def test_a_number_that_is_taken_gets_a_mark() -> None:
    bank = assemble([reading(1, 2), reading(1, 1, name="b.md")], "gates")
    assert [question.id for question in bank.questions] == ["gates-1", "gates-2", "gates-1-2", "gates-1-3"]
    assert [question.source.document for question in bank.questions if question.source] == ["a.md"] * 2 + ["b.md"] * 2


def test_each_question_has_its_place() -> None:
    place = assemble([reading(7)], "gates").questions[0].source
    assert place is not None
    assert (place.document, place.number, place.lines) == ("a.md", 7, (70, 72))


def test_doubts_are_reasons_for_a_review() -> None:
    extraction = Extraction((found(1), found(2, "it is odd", "it is long")))
    first, second = assemble([Reading("a.md", None, extraction)], "gates").questions
    assert (first.review, first.review_reasons) == (False, ())
    assert (second.review, second.review_reasons) == (True, ("it is odd", "it is long"))


def test_the_title_is_given_or_the_documents_or_its_name() -> None:
    assert assemble([reading(1, title="Gates")], "a", "Mine").title == "Mine"
    assert assemble([reading(1, title="Gates")], "a").title == "Gates"
    assert assemble([reading(1), reading(1, name="b.md")], "a").title == "a.md and b.md"


def test_one_document_is_the_banks_source() -> None:
    source = assemble([reading(1, title="Gates")], "a").source
    assert source is not None
    assert (source.document, source.title) == ("a.md", "Gates")
    assert assemble([reading(1), reading(1)], "a").source is None


def test_a_text_beyond_the_limit_is_cut_and_told() -> None:
    extraction = Extraction((found(1, answer="a" * (MAX_TEXT + 5)),))
    (question,) = assemble([Reading("a.md", None, extraction)], "gates").questions
    assert len(question.references[0]) == MAX_TEXT
    assert question.review_reasons == ("the answer has 20,005 code points, of which the last 5 are cut",)


def test_nothing_found_is_told_for_each_document() -> None:
    unanswered = Extraction((), (Unanswered(1, "Why?", 3),))
    with pytest.raises(DocumentError) as refused:
        assemble([Reading("a.md", None, Extraction(())), Reading("b.md", None, unanswered)], "gates")
    first, second = str(refused.value).splitlines()
    assert first.startswith("a.md: no questions found")
    assert second == "b.md: 1 question, but no answer to any (the first is in line 3)"


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [((1, 2, 3), ()), ((1, 2, 4, 5, 7), (3, 6)), ((5, 6, 7), ()), ((), ()), ((1, 2020), ()), ((3, 1, 2), ())],
)
def test_missing_numbers_are_those_between(numbers: tuple[int, ...], missing: tuple[int, ...]) -> None:
    assert missing_numbers(reading(*numbers).extraction) == missing


@pytest.mark.parametrize(
    ("name", "expected"),
    [("My Questions.pdf", "my-questions"), ("a_b.c.md", "a-b-c"), ("Übung 1.txt", "ubung-1"), ("日本.txt", "bank")],
)
def test_an_id_is_made_of_a_files_name(name: str, expected: str) -> None:
    assert bank_id_of(name) == expected
