"""An answer read against a reference."""

from __future__ import annotations

import pytest

from grader.encoders.hashing import HashingEncoder
from grader.signals.encoded import EncodedText, encode_texts
from grader.signals.reference import NOTHING_SAID, ReferenceReading, profile, read_against, read_against_nearest
from grader.text.reading import read


def encoded(text: str) -> EncodedText:
    return encode_texts([read(text)], HashingEncoder())[0]


QUESTION = encoded("What does a cache do?")
REFERENCE = "A cache keeps 20 recent results close by."


def reading(answer: str, *references: str) -> ReferenceReading:
    profiles = [profile(encoded(reference), QUESTION) for reference in references or (REFERENCE,)]
    return read_against_nearest(profile(encoded(answer), QUESTION), profiles)


def test_the_reference_itself_says_all_of_it() -> None:
    found = reading(REFERENCE)
    assert found.similarity == pytest.approx(1.0)
    assert found.word_recall == pytest.approx(1.0)
    assert found.word_precision == pytest.approx(1.0)
    assert (found.shared_words, found.letters, found.numbers) == (1.0, 1.0, 1.0)


def test_half_of_the_reference_recalls_about_half_and_adds_nothing_else() -> None:
    found = reading("It keeps 20.")
    assert 0.2 < found.word_recall < 0.8
    assert found.word_precision == pytest.approx(1.0)
    assert found.shared_words == 1.0


def test_words_of_the_question_are_not_recalled() -> None:
    found = reading("A cache does what a cache does.")
    assert found.shared_words == 0.0
    assert found.word_precision == 0.0
    assert found.question_similarity > found.similarity


def test_a_wrong_number_is_missed() -> None:
    assert reading("A cache keeps 90 recent results close by.").numbers == 0.0


def test_a_reference_without_numbers_says_nothing_of_them() -> None:
    assert reading("It keeps 90 results.", "A cache keeps recent results.").numbers == 0.5


def test_an_answer_without_words_says_nothing() -> None:
    assert reading("…!") == NOTHING_SAID


def test_a_text_without_words_is_read_against_without_fault() -> None:
    assert read_against(profile(encoded("Results."), QUESTION), profile(encoded("?!"), QUESTION)) == NOTHING_SAID


def test_the_nearest_reference_counts() -> None:
    alone = reading(REFERENCE)
    assert reading(REFERENCE, "Pages are stored on disk for ever.", REFERENCE) == alone
