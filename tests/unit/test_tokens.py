"""What a word is, and which words are one."""

from __future__ import annotations

import pytest

from grader.text.tokens import stem, tokenize


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("The gate opens.", ["the", "gate", "opens"]),
        ("don't stop", ["don't", "stop"]),
        ("the RNN's gate", ["the", "rnn's", "gate"]),
        ("'quoted'", ["quoted"]),
        ("multi-layer", ["multi", "layer"]),
        ("snake_case", ["snake", "case"]),
        ("3.14 and 1,000 and 1.5.2", ["3.14", "and", "1,000", "and", "1.5.2"]),
        ("It is 5.", ["it", "is", "5"]),
        ("F1 and L2", ["f1", "and", "l2"]),
        ("naïve Übung", ["naïve", "übung"]),
        ("y=wx+b", ["y", "wx", "b"]),
        ("... !!! ___", []),
    ],
)
def test_words_are_told_from_what_stands_between_them(text: str, forms: list[str]) -> None:
    assert [token.form for token in tokenize(text)] == forms


@pytest.mark.parametrize(
    "words",
    [
        ("layer", "layers", "Layers", "layer's"),
        ("train", "trains", "training", "trained"),
        ("optimise", "optimize", "optimised", "optimizing", "optimising"),
        ("generalisation", "generalization"),
        ("colour", "color"),
        ("behaviour", "behavior", "behaviors"),
        ("neighbour", "neighbor", "neighbours"),
        ("modelling", "modeling"),
        ("labelled", "labeled"),
        ("matrix", "matrices"),
        ("data", "datum"),
        ("two", "2"),
        ("zero", "0"),
        ("twelve", "12"),
    ],
)
def test_forms_of_one_word_have_one_stem(words: tuple[str, ...]) -> None:
    assert len({token.stem for word in words for token in tokenize(word)}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("gate", "gaze"), ("two", "three"), ("loss", "lose"), ("precise", "prize"), ("rise", "rize")]
)
def test_different_words_have_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize("word", ["the", "not", "because", "don't", "IT'S", "which"])
def test_function_words_are_not_content(word: str) -> None:
    assert [token.is_content for token in tokenize(word)] == [False]


@pytest.mark.parametrize("word", ["gate", "learns", "3.14", "two"])
def test_other_words_are_content(word: str) -> None:
    assert [token.is_content for token in tokenize(word)] == [True]


def test_offsets_point_into_the_whole_text() -> None:
    text = "One gate. Two cells."
    assert [text[token.start : token.end] for token in tokenize(text, 10, 19)] == ["Two", "cells"]
