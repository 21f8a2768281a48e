"""Criteria, keywords and topics drafted from references, with the hashing encoder."""

from __future__ import annotations

import math

import pytest

from grader.authoring.bank import draft_bank
from grader.authoring.rubric import MOST_CRITERIA, draft_criteria
from grader.authoring.statements import statements
from grader.authoring.topics import draft_topics
from grader.bank.key_terms import informativeness
from grader.bank.question import Bank, Criterion, Question
from grader.encoders.hashing import HashingEncoder

ENCODER = HashingEncoder()


def question(number: int, asked: str, answer: str, **fields: object) -> Question:
    return Question.model_validate({"id": f"q-{number}", "question": asked, "references": (answer,), **fields})


def test_informativeness_is_the_smoothed_inverse_document_frequency() -> None:
    worth = informativeness(["the gate opens the gate", "a gate shuts", "nothing"])
    assert worth["gate"] == pytest.approx(math.log(4 / 3) + 1)
    assert worth["open"] == pytest.approx(math.log(4 / 2) + 1)
    assert "the" not in worth


def test_each_clause_is_a_statement() -> None:
    assert statements("Gates scale values, and cells store sums. Outputs are bounded numbers.") == [
        "Gates scale values",
        "and cells store sums.",
        "Outputs are bounded numbers.",
    ]


def test_what_introduces_a_list_states_nothing() -> None:
    assert statements("There are two kinds of them:\n\n- open gates\n- shut gates") == ["open gates", "shut gates"]
    assert statements("There are two kinds of them:") == ["There are two kinds of them:"]


def test_the_title_of_a_list_states_nothing() -> None:
    assert statements("Kinds of gates\n\n- open gates\n- shut gates") == ["open gates", "shut gates"]
    assert statements("Gates scale.\n\nKinds of gates\n1. open gates\n2. shut gates")[1:] == [
        "open gates",
        "shut gates",
    ]
    assert statements("Kinds of gates\n\nThere are two kinds.") == ["Kinds of gates", "There are two kinds."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Gates are found in text, voice, images, and video data.",
        "It scales the input, adds the bias, and passes the sum on.",
    ],
)
def test_an_enumeration_is_one_statement(sentence: str) -> None:
    assert statements(sentence) == [sentence]


def test_a_clause_behind_an_enumeration_is_a_statement_of_its_own() -> None:
    assert statements("It is found in text, voice, and moving images, and gates are used in all of them.") == [
        "It is found in text, voice, and moving images",
        "and gates are used in all of them.",
    ]


def test_a_row_states_its_cells_under_their_headings() -> None:
    assert statements("They differ in this.\n\nFactor | Gate | Cell\nCost | low | high\nUse | scales | stores") == [
        "They differ in this.",
        "Cost: Gate: low; Cell: high",
        "Use: Gate: scales; Cell: stores",
    ]
    assert statements("Gate | Cell\nIt scales. | It stores.") == ["Gate: It scales.; Cell: It stores."]
    assert statements("Name | Gate | Cell\nUse | scales") == ["Use: Gate: scales"]
    assert statements("Gate | Cell\nIt | stores | sums.") == ["It | stores | sums."]


def test_a_formula_belongs_to_what_stands_before_it() -> None:
    assert statements("The gate scales:\n\n$$y = a x$$\n\nThe cell stores.") == [
        "The gate scales: $$y = a x$$",
        "The cell stores.",
    ]


def test_the_signs_of_a_formula_are_no_keywords() -> None:
    (criterion,) = draft_criteria(question(1, "Why?", "The gate scales $y = \\frac{a}{b}$ softly."), {}, ENCODER)
    assert criterion.keywords == (("gate",), ("scales",), ("softly",))


def test_a_reference_without_words_is_one_statement() -> None:
    assert statements("∇ = 0") == ["∇ = 0"]


@pytest.mark.parametrize("count", [1, 8, 9, 30])
def test_a_long_reference_gives_at_most_eight_criteria_that_lose_nothing(count: int) -> None:
    told = [f"Unit {'x' * (i + 1)} stores values." for i in range(count)]
    criteria = draft_criteria(question(1, "Why?", " ".join(told)), {}, ENCODER)
    assert len(criteria) == min(count, MOST_CRITERIA)
    assert " ".join(criterion.statement for criterion in criteria) == " ".join(told)
    assert [criterion.id for criterion in criteria] == [f"drafted-{i}" for i in range(1, len(criteria) + 1)]


def test_keywords_are_the_words_that_tell_most_and_the_question_does_not_have() -> None:
    asked = question(1, "What does a gate do?", "The gate always simply multiplies some incoming signals there.")
    worth = {"multipli": 3.0, "incom": 2.5, "signal": 2.5, "alway": 1.0, "simpli": 2.0}
    (criterion,) = draft_criteria(asked, worth, ENCODER)
    assert criterion.keywords == (("simply",), ("multiplies",), ("incoming",), ("signals",))


def bank() -> Bank:
    made = [
        question(1, "What does a forget gate do?", "The forget gate scales the memory."),
        question(2, "What does an input gate do?", "The input gate scales what is stored."),
        question(3, "Why is there an output gate?", "The output gate scales what is told."),
        question(4, "What is a convolution kernel?", "A kernel slides over an image."),
        question(5, "How large is a kernel?", "A kernel is small beside its image."),
        question(6, "What does the kernel learn?", "The kernel learns edges and corners."),
        question(7, "Why do ducks swim?", "Ducks swim because water carries them."),
        question(8, "What do ships carry?", "Ships carry goods."),
        question(9, "Where do trains stop?", "Trains stop at stations."),
    ]
    return Bank(bank="q", title="Q", questions=tuple(made))


def test_topics_are_terms_that_questions_share() -> None:
    topics = draft_topics(bank().questions, ENCODER)
    assert topics == ("gate", "gate", "gate", "kernel", "kernel", "kernel", None, None, None)


def test_a_small_bank_has_no_topics() -> None:
    assert draft_topics(bank().questions[:2], ENCODER) == (None, None)


def test_a_drafted_bank_keeps_what_it_has() -> None:
    own = Criterion(id="own", statement="It swims.")
    first, *others = bank().questions
    given = first.model_copy(update={"criteria": (own,), "topic": "birds"})
    told: list[None] = []
    drafted = draft_bank(bank().model_copy(update={"questions": (given, *others)}), ENCODER, lambda: told.append(None))
    assert drafted.questions[0].criteria == (own,)
    assert drafted.questions[0].topic == "birds"
    assert all(one.criteria for one in drafted.questions)
    assert len(told) == len(drafted.questions)
    assert [one.references for one in drafted.questions] == [one.references for one in bank().questions]
