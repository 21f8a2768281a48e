"""Words that are named in a row, told from what is said."""

from __future__ import annotations

import pytest

from grader.signals.enumeration import enumerated, enumerated_stems, only_enumerates
from grader.text.normalize import Span
from grader.text.reading import read

KEYWORDS = ("neuron", "random", "training", "overfitting")


def enumerations(text: str) -> list[str]:
    return [text[span.start : span.end] for span in enumerated(read(text))]


def only_named(answer: str, allowed: frozenset[str] = frozenset()) -> bool:
    spans = [Span(answer.index(word), answer.index(word) + len(word)) for word in KEYWORDS if word in answer]
    return only_enumerates(read(answer), spans, allowed)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("This is about gates, cell state, memory and time.", ["gates, cell state, memory and time"]),
        ("It stores values. gates, cells, memory, time.", ["gates, cells, memory, time"]),
        ("It has gates, cells and memory.", []),
        ("It opens the gate, which lets the value in, and then it closes it, and so on.", []),
        ("gates, cells / memory, time", ["gates, cells / memory, time"]),
        ("", []),
    ],
)
def test_an_enumeration_is_four_short_items_in_a_row(text: str, named: list[str]) -> None:
    assert enumerations(text) == named


@pytest.mark.parametrize(
    "answer",
    [
        "This is about neuron, random, training and overfitting.",
        "It is a kind of layer that has weights. neuron, random, training, overfitting.",
    ],
)
def test_keywords_in_an_empty_sentence_are_only_named(answer: str) -> None:
    assert only_named(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Each neuron is switched off by random choice while training runs, so overfitting is reduced.",
        "A random neuron drops out in training. Against overfitting, noise, early stopping, L2, more data help too.",
        "neuron, random, training, overfitting",
        "",
    ],
)
def test_keywords_that_something_is_said_of_are_not(answer: str) -> None:
    assert not only_named(answer)


def test_what_right_answers_enumerate_may_be_enumerated() -> None:
    answer = "The words are neuron, random, training and overfitting."
    assert not only_named(answer, enumerated_stems([read("One names neurons, random, training and overfitting.")]))
