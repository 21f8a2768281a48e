"""Words that call something false: what follows them in the sentence, or what stands before it."""

from __future__ import annotations

import pytest

from grader.text.negation import Polarity
from grader.text.reading import read

CLAIM = "Dropout samples units, and the network generalizes."


def polarity(text: str, word: str) -> Polarity:
    return next(
        found
        for sentence in read(text).sentences
        for token, found in zip(sentence.tokens, sentence.polarities, strict=True)
        if token.form == word
    )


@pytest.mark.parametrize(
    "opening",
    [
        "It is false that",
        "It is wrong to say that",
        "It's not true that",
        "It is a common myth that",
        "It is not the case that",
    ],
)
def test_all_that_follows_is_called_false(opening: str) -> None:
    text = f"{opening} dropout samples units, and the network generalizes."
    assert polarity(text, "samples") is Polarity.NEGATED
    assert polarity(text, "generalizes") is Polarity.NEGATED


def test_what_a_sentence_turns_to_is_said() -> None:
    text = "It is wrong to say that dropout samples layers, but it samples units."
    assert polarity(text, "layers") is Polarity.NEGATED
    assert polarity(text, "units") is Polarity.PLAIN


def test_a_denial_that_is_called_false_is_said() -> None:
    assert polarity("It is false that dropout does not sample units.", "units") is Polarity.PLAIN


@pytest.mark.parametrize(
    "ending",
    [
        "But no, all of this is wrong.",
        "None of the above is true.",
        "Actually, I take that back; the opposite is the case.",
        "Forget what I just said.",
    ],
)
def test_all_before_is_taken_back(ending: str) -> None:
    text = f"Dropout samples units. It helps. {ending}"
    assert polarity(text, "units") is Polarity.NEGATED
    assert polarity(text, "helps") is Polarity.NEGATED


@pytest.mark.parametrize("ending", ["That is wrong.", "This is not true.", "But it is a myth.", "That's a mistake."])
def test_one_sentence_is_taken_back(ending: str) -> None:
    text = f"Dropout samples units. People say that it samples layers. {ending}"
    assert polarity(text, "units") is Polarity.PLAIN
    assert polarity(text, "layers") is Polarity.NEGATED


@pytest.mark.parametrize(
    "ending",
    [
        "That is right.",
        "That is not wrong.",
        "It is wrong for small networks.",
        "This is a mistake of beginners.",
        "No.",
        "All of this helps.",
    ],
)
def test_a_sentence_that_says_something_else_takes_nothing_back(ending: str) -> None:
    assert polarity(f"Dropout samples units. {ending}", "units") is Polarity.PLAIN
