"""What an encoder and a judge promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Offsets: TypeAlias = npt.NDArray[np.int32]
Pair: TypeAlias = tuple[str, str]
"""A statement, and a text that may say it."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The vectors of one text, all from one forward pass.

    Attributes:
        vector: shape (d,), the whole text, of length 1.
        pieces: shape (n, d), one vector for each of the tokenizer's pieces, special ones left out; not normalized.
        offsets: shape (n, 2), the code points [start, end) of the text that each piece stands for, non-decreasing.
        rarity: shape (n,), how rare each piece is in ordinary text, in [0, 1].
    """

    vector: Floats
    pieces: Floats
    offsets: Offsets
    rarity: Floats

    def pool(self, start: int, end: int) -> Floats:
        """The mean of the pieces that begin in code points [start, end), of length 1; the whole if there are none."""
        first, last = np.searchsorted(self.offsets[:, 0], (start, end))
        if first == last:
            return self.vector
        return unit(self.pieces[first:last].mean(axis=0))


class Encoder(Protocol):
    """Text to vectors.

    The vectors of a text do not depend on the texts beside it, so that a grade does not depend on its batch.
    """

    @property
    def identity(self) -> str:
        """What the vectors depend on: the model's hash and the dtype. Vectors of equal identity may be mixed."""
        ...

    @property
    def dimension(self) -> int:
        """The length d of its vectors."""
        ...

    @property
    def window(self) -> int | None:
        """How many pieces, special ones included, it reads at once; None if there is no limit."""
        ...

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """One encoding for each text, in order; texts of any length, none cut."""
        ...


class Judge(Protocol):
    """Reads whether a text says a statement, leaves it open, or says the contrary.

    What it finds of a pair does not depend on the pairs beside it.
    """

    @property
    def identity(self) -> str:
        """What its findings depend on: the weights' hash and the dtype."""
        ...

    def judge(self, pairs: Sequence[Pair]) -> Floats:
        """Shape (n, 3): for each pair the probabilities of said, left open, contradicted; they sum to 1."""
        ...


def unit(vector: Floats) -> Floats:
    """The vector scaled to length 1; the zero vector stays."""
    length = float(np.linalg.norm(vector))
    return vector if length == 0.0 else vector / np.float32(length)
