"""The project's judge itself: what it reads, and that nothing beside a pair changes what it finds of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from grader.encoders.cross_encoder import OUTCOMES
from grader.encoders.judge import LocalJudge, load_judge
from grader.encoders.pairs import LONGEST, LONGEST_STATEMENT, pair_rows
from grader.encoders.protocol import Pair
from grader.errors import ModelError

pytestmark = pytest.mark.model

# No bank holds these statements, so the judge has not been trained on them.
PAIRS: dict[Pair, str] = {
    ("Photosynthesis releases oxygen.", "How do plants feed? They make sugar and give off oxygen."): "said",
    ("Photosynthesis releases oxygen.", "How do plants feed? They give off carbon dioxide and take in oxygen."): (
        "contradicted"
    ),
    ("Photosynthesis releases oxygen.", "How do plants feed? They need light and water."): "open",
    ("A mutex lets one thread in at a time.", "Only a single thread can hold the mutex."): "said",
    ("A mutex lets one thread in at a time.", "Any number of threads may hold the mutex at the same time."): (
        "contradicted"
    ),
    ("A mutex lets one thread in at a time.", "Mutexes are common in operating systems."): "open",
}


@pytest.fixture(scope="module")
def judge() -> LocalJudge:
    return load_judge("claims-1", "cpu", "auto")


def test_it_reads_what_is_claimed_and_not_what_it_is_about(judge: LocalJudge) -> None:
    found = [OUTCOMES[int(row.argmax())] for row in judge.judge(list(PAIRS))]
    assert found == list(PAIRS.values())


def test_probabilities_add_up(judge: LocalJudge) -> None:
    found = judge.judge(list(PAIRS))
    assert found.shape == (len(PAIRS), len(OUTCOMES))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-3)


def test_a_pair_is_judged_the_same_whatever_is_beside_it(judge: LocalJudge) -> None:
    pairs = [("Dropout drops units.", f"Number {n} says " + "units are dropped " * (n % 13)) for n in range(120)]
    together = judge.judge([*pairs, *reversed(pairs)])
    assert np.array_equal(together[:120], together[:119:-1])
    for place in range(0, 120, 17):
        assert np.array_equal(judge.judge([pairs[place]])[0], together[place])


def test_no_pairs_are_no_rows(judge: LocalJudge) -> None:
    assert judge.judge([]).shape == (0, 3)


def test_a_pair_is_read_as_far_as_its_window_goes(judge: LocalJudge) -> None:
    (row,) = pair_rows(judge.tokenizer, [("statement " * 300, "text " * 600)])
    assert (row.text, len(row.ids)) == (LONGEST_STATEMENT, LONGEST)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_file({"outcome.weight": torch.zeros(3, 384)}, file)
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        load_judge(str(file), "cpu", "auto")
    file.write_bytes(b"no safetensors")
    with pytest.raises(ModelError, match=r"other\.safetensors"):
        load_judge(str(file), "cpu", "auto")
