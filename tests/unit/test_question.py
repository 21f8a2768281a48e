"""Questions agree with themselves, cannot be changed, and are told apart by their content."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.bank.question import Bank, Criterion, Exemplar, Misconception, Place, Question
from grader.grade import Verdict


def question(**fields: Any) -> Question:
    return Question(
        **{"id": "gate-1", "question": "What does a gate do?", "references": ("It scales what passes.",), **fields}
    )


def criterion(name: str, **fields: Any) -> Criterion:
    return Criterion(id=name, statement="It scales what passes.", **fields)


def exemplar(**fields: Any) -> Exemplar:
    return Exemplar(kind="terse", score=0.5, answer="It scales.", **fields)


def bank(*questions: Question, **fields: Any) -> Bank:
    return Bank(bank="gates", title="Gates", questions=questions, **fields)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param(
            {"criteria": (criterion("a"), criterion("a"))},
            r"criteria\[1\].id: the id 'a' stands more than once",
            id="criteria",
        ),
        pytest.param(
            {"misconceptions": (Misconception(id="m", statement="x"),) * 2},
            r"misconceptions\[1\].id: the id 'm' stands more than once",
            id="misconceptions",
        ),
        pytest.param(
            {"misconceptions": (Misconception(id="m", statement="x", contradicts=("b",)),)},
            r"misconceptions\[0\].contradicts: 'b' names nothing in this question",
            id="contradicts",
        ),
        pytest.param(
            {"exemplars": (exemplar(verdicts={"b": Verdict.MET}),)},
            r"exemplars\[0\].verdicts: 'b' names nothing in this question",
            id="verdicts",
        ),
        pytest.param(
            {"exemplars": (exemplar(), exemplar(claims=("m",)))},
            r"exemplars\[1\].claims: 'm' names nothing in this question",
            id="claims",
        ),
        pytest.param(
            {"at_least": 1, "criteria": (criterion("a"),)},
            "at_least and elective criteria go together",
            id="at_least without electives",
        ),
        pytest.param(
            {"criteria": (criterion("a", elective=True),)},
            "at_least and elective criteria go together",
            id="electives without at_least",
        ),
        pytest.param(
            {"at_least": 2, "criteria": (criterion("a", elective=True),)},
            "at_least: is 2, but only 1 criteria are elective",
            id="too few electives",
        ),
        pytest.param(
            {"at_least": 1, "criteria": (criterion("a", elective=True), criterion("b", elective=True, weight=2))},
            "elective criteria have one weight",
            id="electives of two weights",
        ),
    ],
)
def test_a_question_that_disagrees_with_itself_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        question(**fields)


def test_electives_beside_other_criteria_agree() -> None:
    pool = tuple(criterion(name, elective=True, weight=2) for name in "abc")
    assert question(at_least=3, criteria=(*pool, criterion("d", weight=5))).at_least == 3


@pytest.mark.parametrize("at_least", [0, -1, 1.5])
def test_at_least_is_a_whole_number_from_one(at_least: float) -> None:
    with pytest.raises(ValidationError, match="at_least"):
        question(at_least=at_least, criteria=(criterion("a", elective=True),))


@pytest.mark.parametrize("number", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_is_finite_and_above_zero(number: float) -> None:
    with pytest.raises(ValidationError, match="weight"):
        criterion("a", weight=number)


@pytest.mark.parametrize("cap", [-0.1, 1.1, float("nan")])
def test_a_cap_lies_between_zero_and_one(cap: float) -> None:
    with pytest.raises(ValidationError, match="cap"):
        Misconception(id="m", statement="It adds.", cap=cap)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "a" * 20_001])
def test_a_text_is_neither_blank_nor_endless(text: str) -> None:
    with pytest.raises(ValidationError, match="question"):
        question(question=text)


def test_space_around_a_text_is_no_part_of_it() -> None:
    assert question(references=("  It scales.\n",)).references == ("It scales.",)


def test_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(ValidationError, match="unicode"):
        question(question="What is \ud800?")


@pytest.mark.parametrize(
    ("value", "field", "other"),
    [
        (question(), "question", "Why?"),
        (criterion("a"), "weight", 2.0),
        (exemplar(), "score", 1.0),
        (bank(question()), "title", "Doors"),
    ],
)
def test_a_value_cannot_be_changed(value: Any, field: str, other: object) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, field, other)


@pytest.mark.parametrize(
    "fields",
    [
        {"question": "What does a cell do?"},
        {"references": ("It adds.",)},
        {"max_points": 5.0},
        {"criteria": (criterion("a"),)},
        {"misconceptions": (Misconception(id="m", statement="It adds."),)},
        {"id": "gate-2"},
    ],
)
def test_what_can_change_a_grade_changes_the_hash_of_a_question(fields: dict[str, Any]) -> None:
    assert question(**fields).content_hash != question().content_hash


@pytest.mark.parametrize(
    "fields",
    [{"exemplars": (exemplar(),)}, {"notes": "A note."}, {"see_also": ("b",)}, {"topic": "gates"}, {"difficulty": 2}],
)
def test_what_cannot_change_a_grade_leaves_the_hash_of_a_question(fields: dict[str, Any]) -> None:
    assert question(**fields).content_hash == question().content_hash


def test_everything_in_a_bank_is_part_of_its_version() -> None:
    versions = {
        bank(question()).content_hash,
        bank(question(notes="A note.")).content_hash,
        bank(question(), points_step=1).content_hash,
        bank(question(), reveal="nothing").content_hash,
    }
    assert len(versions) == 4


def test_equal_banks_have_one_version() -> None:
    assert bank(question()).content_hash == bank(question()).content_hash


def test_questions_of_a_bank_have_different_ids() -> None:
    with pytest.raises(ValidationError, match="the id 'gate-1' stands more than once"):
        bank(question(), question())


def test_a_bank_has_a_question() -> None:
    with pytest.raises(ValidationError, match="questions"):
        bank()


@pytest.mark.parametrize("language", ["EN", "english", "e", "en-GB", ""])
def test_a_language_is_a_code_of_two_or_three_letters(language: str) -> None:
    with pytest.raises(ValidationError, match="language"):
        bank(question(), language=language)


def test_a_place_and_a_review_change_no_version() -> None:
    marked = question(source=Place(document="a.md", number=3, lines=(3, 9)), review=True, review_reasons=("it is odd",))
    assert marked.content_hash == question().content_hash
    assert bank(marked).content_hash == bank(question()).content_hash


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"review_reasons": ["it is odd"]}, "review_reasons: there are reasons, but review is not true"),
        ({"source": {"document": "a.md", "lines": [3, 2]}}, "the last line stands before the first"),
        ({"source": {"document": "a.md", "lines": [0, 2]}}, "greater than or equal to 1"),
    ],
)
def test_a_review_and_a_place_agree_with_themselves(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        question(**fields)
