"""Right answers turned into wrong ones."""

from __future__ import annotations

import pytest

from grader.evaluation.negating import ANTONYMS, by_antonym, by_auxiliary, by_false_that


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("It is fast.", "It is not fast."),
        ("Is it?", "Is not it?"),
        ("The network can learn.", "The network cannot learn."),
        ("It has many layers.", "It does not have many layers."),
        ("It has learned much.", "It has not learned much."),
        ("Dropout deactivates neurons.", "Dropout does not deactivate neurons."),
        ("It carries the error, which it then uses.", "It does not carry the error, which it then does not use."),
        ("They learn it.", "They do not learn it."),
        ("Layers extract features.", "Layers do not extract features."),
        ("It does this well.", "It does not do this well."),
        ("It reduces noise and helps.", "It does not reduce noise and does not help."),
        ("It is not fast.", "It is fast."),
        ("It cannot be, and they don't learn.", "It can be, and they do learn."),
        ("It has never learned.", "It has learned."),
        ("A technique of the field.", "It is not true that a technique of the field."),
        ("ReLU: a function.", "It is not true that ReLU: a function."),
        ("Good. It is so.", "It is not true that good. It is not so."),
    ],
)
def test_every_sentence_is_denied(said: str, denied: str) -> None:
    assert by_auxiliary(said) == denied


@pytest.mark.parametrize("noun", ["the changes", "of layers", "its uses", "a process"])
def test_a_noun_that_looks_like_a_verb_is_no_verb(noun: str) -> None:
    assert by_auxiliary(f"Look at {noun}.").startswith("It is not true that look at")


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("Higher rates.", "Lower rates."),
        ("It maximizes it. It is so.", "It minimizes it. It is not so."),
        ("It is linear, but larger.", "It is nonlinear, but smaller."),
        ("It is non-linear.", "It is linear."),
        ("High and low.", "Low and high."),
        ("It is so.", None),
    ],
)
def test_words_are_changed_into_their_antonyms(said: str, turned: str | None) -> None:
    assert by_antonym(said) == turned


def test_no_word_is_its_own_antonym() -> None:
    assert all(one != other for one, other in ANTONYMS)


def test_it_is_false_that_stands_before_every_sentence() -> None:
    text = "A CNN is one. ReLU helps. Dropout drops units."
    expected = "It is false that a CNN is one. It is false that ReLU helps. It is false that dropout drops units."
    assert by_false_that(text) == expected
