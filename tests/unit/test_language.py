"""What a text is written in, and what of it would deceive a reader."""

from __future__ import annotations

import pytest

from grader.signals.language import foreign_language, hidden_text, unknown_share
from grader.text.normalize import normalize
from grader.text.reading import read
from grader.text.tokens import tokenize


def hidden(text: str) -> str | None:
    reading = read(text)
    return hidden_text(reading.normalized, reading.tokens)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das Netz lernt aus vielen Beispielen und vergisst sie danach nicht.", "de"),
        ("Le réseau apprend à partir de nombreux exemples et ne les oublie pas.", "fr"),
        ("La red aprende de muchos ejemplos y no los olvida después.", "es"),
        ("Сеть учится на примерах", "cyrillic"),
        ("机器学习", "cjk"),
        ("Το δίκτυο μαθαίνει", "greek"),
    ],
)
def test_another_language_is_named(text: str, language: str) -> None:
    assert foreign_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "The network learns from many examples and does not forget them.",
        "gate",
        "softmax relu adam",
        "",
        "12345 + 678",
        "!!!",
        "The naïve Bayes classifier is a baseline with learning rate η.",
    ],
)
def test_english_and_what_is_no_language_have_no_foreign_name(text: str) -> None:
    assert foreign_language(text) is None


@pytest.mark.parametrize("text", ["qwzx plmk vbnt rrtz", "asdfgh jklqw"])
def test_words_of_no_dictionary_are_unknown(text: str) -> None:
    assert unknown_share(read(text).tokens, frozenset()) == 1.0


def test_words_of_the_vocabulary_are_known() -> None:
    assert unknown_share(read("qwzx plmk").tokens, frozenset({"qwzx", "plmk"})) == 0.0


def test_english_words_and_numbers_are_known() -> None:
    assert unknown_share(read("networks forget 1234 examples").tokens, frozenset()) == 0.0


def test_the_share_counts_every_word() -> None:
    assert unknown_share(read("qwzx plmk vbnt network").tokens, frozenset()) == 0.75


def test_letters_of_two_alphabets_in_a_word_deceive() -> None:
    assert hidden("the gаte opens") == "'gаte' mixes alphabets"


def test_invisible_characters_are_counted() -> None:
    assert hidden("the\u200b gate\u200b opens\u200b") == "3 invisible characters"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The gate opens.", id="plain"),
        pytest.param("The naïve Übung", id="accents"),
        pytest.param("Сеть learns", id="a word of each alphabet"),
        pytest.param("the \ufeffgate\u00ad", id="what comes with pasted text"),
        pytest.param("θ and ∇L", id="symbols"),
    ],
)
def test_what_a_reader_sees_does_not_deceive(text: str) -> None:
    assert hidden(text) is None


def test_symbols_of_a_formula_are_no_language_and_hide_nothing() -> None:
    text = "\u03b8 = \u03b8 \u2212 \u03b7\u2207L(\u03b8), w -= \u03b7grad"
    assert foreign_language(text) is None
    assert hidden_text(normalize(text), tokenize(text)) is None


def test_no_words_have_no_unknown_share() -> None:
    assert unknown_share((), frozenset()) == 0.0
