"""The sentence-transformer itself: what it returns, against the library's own encode."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from grader.encoders.device import place
from grader.encoders.protocol import unit
from grader.encoders.registry import find_model
from grader.encoders.sentence import SentenceEncoder, load_encoder
from grader.errors import DeviceUnavailable

pytestmark = pytest.mark.model

TEXTS = (
    "Dropout deactivates random neurons during training.",
    "Yes.",
    "It keeps the gradient from vanishing, because its derivative is one for positive inputs; so it is used.",
    "Größe und Maß: naïve café — déjà vu",
)
LONG = " ".join(f"Layer number {number} finds patterns that are a little larger." for number in range(120))


@pytest.fixture(scope="module")
def exact() -> SentenceEncoder:
    return load_encoder("all-MiniLM-L6-v2", "cpu", "fp32")


@pytest.fixture(scope="module")
def library_model(exact: SentenceEncoder) -> SentenceTransformer:
    return SentenceTransformer(str(exact.files.folder), device="cpu", local_files_only=True)


def test_vectors_are_those_of_the_library(exact: SentenceEncoder, library_model: SentenceTransformer) -> None:
    expected = library_model.encode(list(TEXTS), normalize_embeddings=True)
    found = np.stack([encoding.vector for encoding in exact.encode(TEXTS)])
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_a_span_of_the_whole_text_pools_to_nearly_its_vector(exact: SentenceEncoder) -> None:
    (encoding,) = exact.encode(TEXTS[:1])
    assert float(encoding.pool(0, len(TEXTS[0])) @ encoding.vector) > 0.95


def test_pieces_stand_where_their_text_stands(exact: SentenceEncoder) -> None:
    for text, encoding in zip(TEXTS, exact.encode(TEXTS), strict=True):
        assert len(encoding.pieces) == len(encoding.offsets)
        for start, end in encoding.offsets:
            assert text[start:end].strip()
        assert (np.diff(encoding.offsets[:, 0]) >= 0).all()


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_a_text_has_the_same_vectors_whatever_is_beside_it(dtype: str) -> None:
    encoder = load_encoder("all-MiniLM-L6-v2", "cpu", dtype)
    texts = [f"Sentence {n} speaks of " + "gradients and layers " * (n % 9) for n in range(150)]
    together = encoder.encode(texts)
    for index in range(0, 150, 17):
        (alone,) = encoder.encode([texts[index]])
        assert np.array_equal(alone.vector, together[index].vector)
        assert np.array_equal(alone.pieces, together[index].pieces)


def test_bf16_moves_cosines_by_less_than_a_hundredth(exact: SentenceEncoder) -> None:
    rough = load_encoder("all-MiniLM-L6-v2", "cpu", "bf16")
    for one, other in zip(exact.encode(TEXTS), rough.encode(TEXTS), strict=True):
        assert float(one.vector @ other.vector) > 0.999
    first, second = exact.encode(TEXTS[:2]), rough.encode(TEXTS[:2])
    assert first[0].vector @ first[1].vector == pytest.approx(float(second[0].vector @ second[1].vector), abs=0.01)


def test_a_text_longer_than_the_window_is_read_to_its_end(exact: SentenceEncoder) -> None:
    (encoding,) = exact.encode([LONG])
    assert encoding.offsets[-1][1] == len(LONG)
    starts = [int(start) for start, _ in encoding.offsets]
    assert starts == sorted(set(starts))
    assert len(encoding.pieces) > exact.window
    changed = LONG.removesuffix("larger.") + "purple elephants sing."
    assert float(exact.encode([changed])[0].vector @ encoding.vector) < 0.99999


def test_a_window_that_just_fits_is_read_once(exact: SentenceEncoder) -> None:
    words = "a " * (exact.window - 2)
    assert len(exact.encode([words])[0].pieces) == exact.window - 2
    assert len(exact.encode([words + "a"])[0].pieces) == exact.window - 1


def test_equal_texts_have_equal_vectors_and_no_texts_none(exact: SentenceEncoder) -> None:
    first, second = exact.encode([TEXTS[0], TEXTS[0]])
    assert np.array_equal(first.vector, second.vector)
    assert exact.encode([]) == []


def test_the_identity_tells_model_and_dtype(exact: SentenceEncoder) -> None:
    digest = find_model("all-MiniLM-L6-v2").digest
    assert exact.identity == f"{digest[:32]}-fp32"
    assert exact.dimension == 384


def test_vectors_have_length_one(exact: SentenceEncoder) -> None:
    for encoding in exact.encode([*TEXTS, LONG]):
        assert np.linalg.norm(encoding.vector) == pytest.approx(1.0, abs=1e-5)
    assert not unit(np.zeros(3, np.float32)).any()


def test_no_hub_is_asked_for_the_default_model() -> None:
    assert "HF_TOKEN" not in os.environ
    assert find_model("all-MiniLM-L6-v2").folder.is_dir()


def test_auto_tells_why_it_chose() -> None:
    placement = place("auto", "auto")
    expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert placement.device == expected
    assert placement.device_reason.startswith("auto:")
    assert placement.dtype_reason.startswith("auto:")


@pytest.mark.parametrize(("device", "dtype"), [("cuda:99", "auto"), ("teapot", "auto"), ("cpu", "int3")])
def test_what_this_machine_does_not_have_is_refused_by_name(device: str, dtype: str) -> None:
    with pytest.raises(DeviceUnavailable, match=device if device != "cpu" else dtype):
        place(device, dtype)
