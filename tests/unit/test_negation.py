"""What a sentence says yes and no to, word by word."""

from __future__ import annotations

import pytest

from grader.text.negation import Polarity, negators
from grader.text.reading import read
from grader.text.tokens import tokenize


def polarity_of(word: str, text: str) -> Polarity:
    """The polarity of a word that stands once in a text."""
    (found,) = [
        polarity
        for sentence in read(text).sentences
        for token, polarity in zip(sentence.tokens, sentence.polarities, strict=True)
        if token.form == word
    ]
    return found


def test_every_word_of_an_assertion_is_plain() -> None:
    (sentence,) = read("The gate opens and the value enters.").sentences
    assert set(sentence.polarities) == {Polarity.PLAIN}


@pytest.mark.parametrize(
    "text",
    [
        "The gate does not learn.",
        "The gate doesn't learn.",
        "The gate doesn’t learn.",
        "The gate dont learn.",
        "The gate can not learn.",
        "The gate cannot learn.",
        "The gate never learns.",
        "Nothing here learns.",
        "It is untrue that gates learn.",
        "Gates hardly learn.",
        "Gates rarely learn.",
        "It is wrong to say gates learn.",
        "It is false that gates learn.",
        "Nobody learns.",
    ],
)
def test_a_negator_denies_what_follows(text: str) -> None:
    word = "learns" if "learns" in text else "learn"
    assert polarity_of(word, text) is Polarity.NEGATED


def test_what_stands_before_a_negator_is_not_denied() -> None:
    assert polarity_of("gate", "The gate does not learn.") is Polarity.PLAIN


@pytest.mark.parametrize(
    "text", ["The gate prevents overfitting.", "Dropout reduces overfitting.", "Dropout helps against overfitting."]
)
def test_a_verb_that_lessens_lessens_what_follows(text: str) -> None:
    assert polarity_of("overfitting", text) is Polarity.LESSENED


def test_a_denied_lessening_asserts_again() -> None:
    assert polarity_of("overfitting", "Dropout does not reduce overfitting.") is Polarity.RESTORED


def test_a_second_negator_takes_the_first_back() -> None:
    assert polarity_of("linear", "It is never not linear.") is Polarity.PLAIN


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The gate is not open, the cell learns.", id="a comma"),
        pytest.param("The gate is not open; the cell learns.", id="a semicolon"),
        pytest.param("The gate is not open. The cell learns.", id="a sentence"),
        pytest.param("The gate is not open but learns.", id="but"),
        pytest.param("The gate is not open although it learns.", id="although"),
        pytest.param("The gate (which is not open) learns.", id="a bracket"),
        pytest.param("The gate is not open because the cell learns.", id="because"),
    ],
)
def test_a_denial_ends_with_its_phrase(text: str) -> None:
    assert polarity_of("learns", text) is Polarity.PLAIN


def test_a_negator_says_nothing_about_what_stands_far_off() -> None:
    assert polarity_of("learns", "It is not " + "very " * 20 + "sure that it learns.") is Polarity.PLAIN


def test_no_turns_only_its_phrase() -> None:
    text = "With no labels at hand the network still learns."
    assert polarity_of("labels", text) is Polarity.NEGATED
    assert polarity_of("learns", text) is Polarity.PLAIN


@pytest.mark.parametrize("text", ["It is not only fast.", "It is not just fast.", "It is not merely fast."])
def test_not_only_denies_nothing(text: str) -> None:
    assert polarity_of("fast", text) is Polarity.PLAIN


@pytest.mark.parametrize(
    "text", ["It counts every wrong answer.", "A false answer costs.", "It is how wrong answers are."]
)
def test_what_is_wrong_in_kind_is_not_denied(text: str) -> None:
    word = "costs" if "costs" in text else "answers" if "answers" in text else "answer"
    assert polarity_of(word, text) is Polarity.PLAIN


def test_no_matter_denies_nothing() -> None:
    assert polarity_of("learns", "It learns no matter what.") is Polarity.PLAIN
    assert polarity_of("learns", "No matter what, it learns.") is Polarity.PLAIN


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the gate does not learn", (3,)),
        ("it doesn't and it never does", (1, 4)),
        ("it is not only fast", ()),
        ("no matter what", ()),
        ("the gate learns", ()),
        ("it counts wrong answers", ()),
        ("it is wrong to wait", (2,)),
        ("it does not", (2,)),
        ("", ()),
    ],
)
def test_negators_are_found_where_they_stand(text: str, places: tuple[int, ...]) -> None:
    assert negators(tokenize(text)) == places
