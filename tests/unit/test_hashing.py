"""The encoder without a model: deterministic, and like texts have like vectors."""

from __future__ import annotations

import numpy as np
import pytest

from grader.encoders.hashing import HashingEncoder
from grader.encoders.protocol import Encoder, Encoding, Floats, unit


def encode(text: str) -> Encoding:
    encoder: Encoder = HashingEncoder()
    (encoding,) = encoder.encode([text])
    return encoding


def likeness(one: str, other: str) -> float:
    return float(encode(one).vector @ encode(other).vector)


def length(vector: Floats) -> float:
    return float(np.linalg.norm(vector))


def test_one_text_has_one_vector() -> None:
    assert np.array_equal(encode("the gate opens").vector, encode("the gate opens").vector)


def test_a_text_does_not_depend_on_the_texts_beside_it() -> None:
    texts = ["the gate opens", "", "a cell", "the gate opens"]
    for text, encoding in zip(texts, HashingEncoder().encode(texts), strict=True):
        assert np.array_equal(encoding.vector, encode(text).vector)


def test_no_texts_have_no_encodings() -> None:
    assert HashingEncoder().encode([]) == []


@pytest.mark.parametrize("text", ["gate", "the gate opens.", "日本語 über", "word " * 3_000])
def test_a_vector_has_length_one_and_the_stated_dimension(text: str) -> None:
    vector = encode(text).vector
    assert length(vector) == pytest.approx(1, abs=1e-6)
    assert (vector.shape, vector.dtype) == ((HashingEncoder.dimension,), np.float32)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_a_text_of_nothing_is_like_no_text(text: str) -> None:
    encoding = encode(text)
    assert length(encoding.vector) == 0
    assert encoding.pieces.shape == (0, HashingEncoder.dimension)
    assert encoding.offsets.shape == (0, 2)


def test_texts_that_share_words_are_more_alike() -> None:
    assert likeness("the gate opens slowly", "the gate closes slowly") > likeness("the gate opens slowly", "red wine")


def test_case_and_endings_of_long_words_make_no_difference() -> None:
    assert likeness("Gradient", "gradients") == pytest.approx(1, abs=1e-6)


def test_each_piece_has_its_place_in_the_text() -> None:
    text = "Größe, not 3!"
    encoding = encode(text)
    assert [text[start:end] for start, end in encoding.offsets] == ["Größe", ",", "not", "3", "!"]
    assert encoding.pieces.shape == (5, HashingEncoder.dimension)


def test_pooling_a_stretch_gives_the_vector_of_its_words() -> None:
    text = "the gate opens and the cell stores"
    pooled = encode(text).pool(19, len(text))
    assert np.allclose(pooled, encode("the cell stores").vector, atol=1e-6)


def test_pooling_counts_the_pieces_that_begin_in_the_stretch() -> None:
    assert np.allclose(encode("gate opens").pool(0, 6), encode("gate opens").vector, atol=1e-6)
    assert np.allclose(encode("gate opens").pool(1, 10), encode("opens").vector, atol=1e-6)


@pytest.mark.parametrize(("start", "end"), [(4, 5), (3, 3), (50, 60)])
def test_pooling_where_no_piece_begins_gives_the_whole(start: int, end: int) -> None:
    encoding = encode("gate opens")
    assert np.array_equal(encoding.pool(start, end), encoding.vector)


def test_a_vector_is_scaled_to_length_one() -> None:
    assert np.allclose(unit(np.array([3, 4], np.float32)), [0.6, 0.8])


def test_the_zero_vector_stays() -> None:
    assert np.array_equal(unit(np.zeros(3, np.float32)), np.zeros(3, np.float32))


def test_the_identity_names_the_scheme_and_the_dimension() -> None:
    assert HashingEncoder().identity == f"hashing-v1-d{HashingEncoder.dimension}"
