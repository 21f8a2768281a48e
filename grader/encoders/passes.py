"""Forward passes of fixed shapes, so that a text's numbers do not depend on the texts beside it.

Matrix kernels are chosen by shape, and another kernel rounds differently. So every pass over rows of one padded length
has the same number of rows, those that are not needed left empty. Many rows go in larger passes, but only at lengths
where these were seen to give the same bits as the small ones.

A pass is begun before the one ahead of it is read: on a GPU, which computes by itself, the next rows are prepared and
sent meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from grader.encoders.packing import Pass, by_length, packed
from grader.encoders.protocol import Floats

Row = TypeVar("Row")
Outputs = tuple[Floats, ...]
Begun = Callable[[], list[Outputs]]
"""A pass that was begun; called, it waits for its end and gives one output for each row."""

SMALL = {"cpu": 512, "cuda": 16_384, "mps": 4_096}  # pieces: a single answer stays quick
LARGE = {"cpu": 2048, "cuda": 16_384, "mps": 4_096}  # pieces: measured on two cores, twice the rate in bf16
_AHEAD = 2  # passes that are begun and not read


@dataclass(frozen=True)
class FixedPasses(Generic[Row]):
    """Runs rows through a model in passes of fixed shapes.

    Attributes:
        begin: begins a pass over at most `rows` rows, given these, a padded length and the number of rows of the pass.
        small, large: pieces in a small and in a large pass.
        step: pieces; lengths are padded to its multiples, so that there are few shapes.
    """

    begin: Callable[[Sequence[Row], int, int], Begun]
    small: int
    large: int
    step: int = 8
    _large_agrees: dict[int, bool] = field(default_factory=dict)  # by padded length

    def run(self, rows: Sequence[Row], lengths: Sequence[int]) -> list[Outputs]:
        """The outputs of all rows, in order.

        Args:
            rows: what `begin` takes.
            lengths: how many pieces each row has.
        """
        outputs: dict[int, Outputs] = {}
        begun: deque[tuple[Pass, Begun]] = deque()
        for one in self._passes(rows, lengths):
            begun.append((one, self.begin([rows[index] for index in one.indices], one.length, one.rows)))
            if len(begun) == _AHEAD:
                outputs.update(_read(*begun.popleft()))
        for one, output in begun:
            outputs.update(_read(one, output))
        return [outputs[index] for index in range(len(rows))]

    def _passes(self, rows: Sequence[Row], lengths: Sequence[int]) -> Iterator[Pass]:
        for length, indices in by_length(lengths, self.step):
            agrees = self._agreement([rows[index] for index in indices[: -(-self.small // length)]], length)
            yield from packed(indices, length, self.small, self.large, agrees)

    def _agreement(self, sample: Sequence[Row], length: int) -> Callable[[], bool]:
        """Whether a large pass gives the bits of a small one at this length; found out once, where it is asked."""

        def agrees() -> bool:
            if length not in self._large_agrees:
                passes = [self.begin(sample, length, -(-size // length))() for size in (self.small, self.large)]
                self._large_agrees[length] = all(
                    np.array_equal(one, other)
                    for row, same_row in zip(*passes, strict=True)
                    for one, other in zip(row, same_row, strict=True)
                )
            return self._large_agrees[length]

        return agrees


def _read(one: Pass, begun: Begun) -> Iterator[tuple[int, Outputs]]:
    return zip(one.indices, begun(), strict=True)
