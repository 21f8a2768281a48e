"""A rubric drafted from references, where a question has none."""

from __future__ import annotations

import pytest

from grader.bank.draft import draft_rubrics
from grader.bank.question import Criterion, Question
from grader.errors import UnusableReference


def question(*references: str, asked: str = "What does a gate do?", criteria: tuple[Criterion, ...] = ()) -> Question:
    return Question(id="gate-1", question=asked, references=references, criteria=criteria)


def drafted(reference: str, asked: str = "What does a gate do?") -> tuple[Criterion, ...]:
    (rubric,) = draft_rubrics(question(reference, asked=asked))
    return rubric.criteria


def test_a_question_with_criteria_is_left_as_it_is() -> None:
    asked = question("It scales.", criteria=(Criterion(id="a", statement="It scales."),))
    assert draft_rubrics(asked) == (asked,)


def test_each_reference_gives_a_rubric_of_its_own() -> None:
    rubrics = draft_rubrics(question("It scales what passes through.", "It weighs every incoming value."))
    assert [rubric.references for rubric in rubrics] == [
        ("It scales what passes through.",),
        ("It weighs every incoming value.",),
    ]
    assert [rubric.criteria[0].statement for rubric in rubrics] == [
        "It scales what passes through.",
        "It weighs every incoming value.",
    ]


def test_what_is_not_drafted_stays() -> None:
    asked = question("It scales what passes through.")
    (rubric,) = draft_rubrics(asked)
    assert rubric.model_copy(update={"criteria": ()}) == asked


def test_each_clause_is_a_criterion() -> None:
    reference = (
        "Sigmoid layers weigh incoming values, and stored memories decay slowly. Outputs become bounded numbers."
    )
    assert [criterion.statement for criterion in drafted(reference)] == [
        "Sigmoid layers weigh incoming values",
        "and stored memories decay slowly.",
        "Outputs become bounded numbers.",
    ]


def test_criteria_are_numbered() -> None:
    assert [c.id for c in drafted("It scales values. It stores sums.")] == ["drafted-1", "drafted-2"]


def test_a_clause_that_says_little_is_read_with_the_one_before_it() -> None:
    assert [c.statement for c in drafted("It scales all values. So it is. It stores the sums.")] == [
        "It scales all values. So it is.",
        "It stores the sums.",
    ]


def test_wrapped_lines_are_one_statement() -> None:
    assert [c.statement for c in drafted("It scales the values\n   and stores sums")] == [
        "It scales the values and stores sums"
    ]


def test_keywords_are_the_longest_content_words_in_their_order() -> None:
    (criterion,) = drafted("It multiplies incoming activations by learned coefficients of a sum.")
    assert criterion.keywords == (("multiplies",), ("incoming",), ("activations",), ("coefficients",))


def test_words_of_the_question_are_no_keywords() -> None:
    (criterion,) = drafted("The gate scales values.", asked="What do gates do with values?")
    assert criterion.keywords == (("scales",),)


@pytest.mark.parametrize("sentences", [12, 13, 25, 60])
def test_a_long_reference_gives_at_most_twelve_criteria_that_lose_nothing(sentences: int) -> None:
    told = [f"Unit{'x' * i} stores values." for i in range(sentences)]
    criteria = drafted(" ".join(told))
    assert len(criteria) <= 12
    assert " ".join(criterion.statement for criterion in criteria) == " ".join(told)


def test_a_reference_without_words_is_one_criterion_without_keywords() -> None:
    (criterion,) = drafted("∇ = 0 !")
    assert criterion.statement == "∇ = 0 !"


@pytest.mark.parametrize("reference", ["\u200b", "\u2026", "()"])
def test_references_without_a_word_are_unusable(reference: str) -> None:
    with pytest.raises(UnusableReference, match="no reference has a word"):
        draft_rubrics(Question(id="q", question="Why?", references=(reference,)))


def test_a_long_sentence_is_cut_into_stretches() -> None:
    reference = ", and ".join(f"the layer number {number} learns patterns" for number in range(50))
    (drafted,) = draft_rubrics(Question(id="q", question="Why?", references=(reference,)))
    assert 8 <= len(drafted.criteria) <= 12
