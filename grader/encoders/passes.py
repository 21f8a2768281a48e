"""Forward passes of fixed shapes, so that a text's numbers do not depend on the texts beside it.

Matrix kernels are chosen by shape, and another kernel rounds differently. So every pass over rows of one padded length
has the same number of rows, those that are not needed left empty. Many rows go in larger passes, but only at lengths
where these were seen to give the same bits as the small ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from grader.encoders.protocol import Floats

Row = TypeVar("Row")
Outputs = tuple[Floats, ...]

SMALL = {"cpu": 512, "cuda": 16_384, "mps": 4_096}  # pieces: a single answer stays quick
LARGE = {"cpu": 2048, "cuda": 16_384, "mps": 4_096}  # pieces: measured on two cores, twice the rate in bf16


@dataclass(frozen=True)
class FixedPasses(Generic[Row]):
    """Runs rows through a model in passes of fixed shapes.

    Attributes:
        forward: at most `rows` rows, a padded length and the number of rows of the pass, to one output for each row.
        small, large: pieces in a small and in a large pass.
        step: pieces; lengths are padded to its multiples, so that there are few shapes.
    """

    forward: Callable[[Sequence[Row], int, int], list[Outputs]]
    small: int
    large: int
    step: int = 8
    _large_agrees: dict[int, bool] = field(default_factory=dict)  # by padded length

    def run(self, rows: Sequence[Row], lengths: Sequence[int]) -> list[Outputs]:
        """The outputs of all rows, in order.

        Args:
            rows: what `forward` takes.
            lengths: how many pieces each row has.
        """
        outputs: dict[int, Outputs] = {}
        for length, indices in self._by_length(lengths):
            ordered = [rows[index] for index in indices]
            outputs.update(zip(indices, self._passes(ordered, length), strict=True))
        return [outputs[index] for index in range(len(rows))]

    def _passes(self, rows: list[Row], length: int) -> Iterator[Outputs]:
        """The outputs for rows of one padded length, in order: in large passes as far as they are filled."""
        small, large = -(-self.small // length), -(-self.large // length)
        place = 0
        while len(rows) - place > large // 2 and large > small and self._agrees(rows[place:], length):
            yield from self.forward(rows[place : place + large], length, large)
            place += large
        for start in range(place, len(rows), small):
            yield from self.forward(rows[start : start + small], length, small)

    def _agrees(self, rows: list[Row], length: int) -> bool:
        """Whether a large pass gives the bits of a small one at this length; found out once."""
        if length not in self._large_agrees:
            sample = rows[: -(-self.small // length)]
            passes = [self.forward(sample, length, -(-size // length)) for size in (self.small, self.large)]
            self._large_agrees[length] = all(
                np.array_equal(one, other)
                for row, same_row in zip(*passes, strict=True)
                for one, other in zip(row, same_row, strict=True)
            )
        return self._large_agrees[length]

    def _by_length(self, lengths: Sequence[int]) -> list[tuple[int, list[int]]]:
        """Padded lengths, each with the indices of the rows that have it."""
        groups: dict[int, list[int]] = {}
        for index, length in enumerate(lengths):
            groups.setdefault(-(-length // self.step) * self.step, []).append(index)
        return sorted(groups.items())
