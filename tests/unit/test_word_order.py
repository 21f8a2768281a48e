"""Texts whose words stand in no sentence."""

from __future__ import annotations

import pytest

from grader.signals.word_order import is_all_keywords, is_shuffled, is_word_list
from grader.text.normalize import Span
from grader.text.reading import read

REFERENCE = (
    "Dropout deactivates random neurons during training so that the network cannot rely on any single neuron alone."
)


def listed(text: str) -> bool:
    reading = read(text)
    return is_word_list(reading.text, reading.tokens)


def all_keywords(text: str, *keywords: str) -> bool:
    reading = read(text)
    spans = [Span(text.index(keyword), text.index(keyword) + len(keyword)) for keyword in keywords]
    return is_all_keywords(reading.text, reading.tokens, spans, frozenset())


def shuffled(text: str, *references: str) -> bool:
    return is_shuffled(read(text).text, read(text).tokens, [read(reference).tokens for reference in references])


@pytest.mark.parametrize(
    "text",
    [
        "gate, cell, state, output",
        "gate; cell; hidden state; output",
        "gate\ncell\nstate\noutput",
        "gate | cell | state | output",
        "gate / cell / state / output",
        "gate cell neuron layer gradient output",
    ],
)
def test_words_without_a_sentence_are_a_list(text: str) -> None:
    assert listed(text)


@pytest.mark.parametrize(
    "text",
    [
        "The gate opens and lets the value in.",
        "It scales the input, adds the bias, and passes the sum on.",
        "- it scales the input\n- it adds the bias to it\n- it passes the sum on",
        "forget gate erases state, input gate writes state",
        "gates erase states, sums, outputs that were added",
    ],
)
def test_sentences_and_telegrams_are_no_list(text: str) -> None:
    assert not listed(text)


@pytest.mark.parametrize(
    "text", ["w ← w − α ∂J/∂w", "force ∝ mass / distance squared", "output ≠ input ≠ target value"]
)
def test_formulas_are_no_list(text: str) -> None:
    assert not listed(text)


def test_numbers_are_no_list() -> None:
    assert not listed("10.0.0.0/8, 127.0.0.0/8, 100.64.0.0/10")


@pytest.mark.parametrize("text", ["", "gate", "gate, cell, state"])
def test_a_short_answer_is_no_list(text: str) -> None:
    assert not listed(text)


def test_keywords_alone_are_a_list_with_an_article_among_them() -> None:
    assert all_keywords(
        "gate border value cell as large as the input", "gate", "border", "value", "cell", "as large as the input"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("the gate, the border and the value", id="articles throughout"),
        pytest.param("gate at its border, value", id="a word that makes a sentence"),
        pytest.param("gate = border, value", id="a relation"),
        pytest.param("gate (open border), value", id="a gloss"),
    ],
)
def test_keywords_that_something_is_said_of_are_no_list(text: str) -> None:
    assert not all_keywords(text, *(word for word in ("gate", "open", "border", "value") if word in text))


def test_function_words_where_english_never_puts_them_are_a_shuffle() -> None:
    assert shuffled("the of gate and a with the is cell to of and the in value a of is the by")


def test_beginnings_of_sentences_where_none_begins_are_a_shuffle() -> None:
    assert shuffled(
        "loudly counts a nought. it Each tweaked on and input heard; lot The near bias, all top says of of right An"
    )


def test_a_beginning_after_a_mark_is_no_shuffle() -> None:
    assert not shuffled(
        "Two ways: The first copies the net. (In it each card has its own.) - The second cuts it - As layers."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Bulb a is in a closed path with bulb b, and when a is out the path of b is still closed by the battery.",
        "A spanning tree gives each IS a route to each IS so that no packet is sent twice over the same link.",
        "To reduce the routing tables To simplify the protocol To support billions of end systems To be secure",
    ],
)
def test_names_acronyms_and_lists_without_marks_are_no_shuffle(text: str) -> None:
    assert not shuffled(text)


def test_the_words_of_a_reference_in_another_order_are_a_shuffle() -> None:
    words = REFERENCE.rstrip(".").split()
    assert shuffled(" ".join(words[::2] + words[1::2]), "Something else altogether.", REFERENCE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(REFERENCE, id="the reference itself"),
        pytest.param(
            "While it trains, units are switched off at random and so no unit is indispensable to it.", id="prose"
        ),
        pytest.param("the of the and a", id="too few words"),
        pytest.param("", id="nothing"),
    ],
)
def test_words_in_english_order_are_no_shuffle(text: str) -> None:
    assert not shuffled(text, REFERENCE)


def test_without_references_prose_is_no_shuffle() -> None:
    assert not shuffled(REFERENCE)
