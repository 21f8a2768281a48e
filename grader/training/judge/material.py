"""Examples as what a network is fed with: pieces, outcomes and weights, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from grader.encoders.pairs import PairRow, padded, pair_rows
from grader.training.judge.examples import Example

_STEP = 8  # pieces: lengths are padded to its multiples, which kernels are quickest at
_ALIKE = 200  # batches that are sorted by length together
_NOISE = 3.0  # pieces: so that batches differ from pass to pass

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one padded length: ids, types and mask of shape (b, n), outcomes and weights of shape (b,)."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    outcomes: Tensor
    weights: Tensor


class Material:
    """Examples in pieces."""

    def __init__(self, examples: Sequence[Example], tokenizer: PreTrainedTokenizerBase) -> None:
        self._rows: list[PairRow] = pair_rows(tokenizer, [(one.statement, one.text) for one in examples])
        self._padding = int(tokenizer.pad_token_id or 0)
        self.lengths = np.array([len(row.ids) for row in self._rows], np.int64)
        self.outcomes = np.array([int(one.outcome) for one in examples], np.int64)
        self.sources = np.array([one.source for one in examples])
        self.weights = np.array([one.weight for one in examples], np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, places: Places, device: str) -> Batch:
        """The examples at some places, on a device."""
        length = -(-int(self.lengths[places].max()) // _STEP) * _STEP
        arrays = padded([self._rows[place] for place in places], len(places), length, self._padding)
        told = (*arrays, self.outcomes[places], self.weights[places])
        return Batch(*(torch.from_numpy(array).to(device) for array in told))

    def in_order(self, size: int) -> Iterator[Places]:
        """Batches of at most `size` places, the shortest examples first."""
        places = np.argsort(self.lengths, kind="stable")
        yield from (places[first : first + size] for first in range(0, len(places), size))

    def by_chance(self, size: int, seed: int, number: int) -> Iterator[Places]:
        """The batches of a pass: every example once, those of like length together, in an order of its own.

        Args:
            size: the most examples of a batch.
            seed: as of the training.
            number: of the pass, from 0.
        """
        chance = np.random.default_rng((seed, number))
        order = chance.permutation(len(self))
        for first in range(0, len(order), size * _ALIKE):
            some = order[first : first + size * _ALIKE]
            some = some[np.argsort(self.lengths[some] + _NOISE * chance.random(len(some)), kind="stable")]
            batches = [some[start : start + size] for start in range(0, len(some), size)]
            yield from (batches[place] for place in chance.permutation(len(batches)))
