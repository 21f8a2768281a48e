"""A deterministic encoder without a model: texts that share words are alike.

For tests. It knows no meaning: grades that rest on it tell so by its identity in the receipt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from grader.encoders.protocol import Encoding, Floats, unit

_PIECE = re.compile(r"\w+|[^\w\s]")
_STEM = 6  # letters that words must share to be alike: a crude stem
_DIMENSION = 128


class HashingEncoder:
    """Each word is a fixed random direction; a text is the sum of its words."""

    identity = f"hashing-v1-d{_DIMENSION}"
    dimension = _DIMENSION
    window: int | None = None

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """One encoding for each text, in order."""
        return [_encode(text) for text in texts]


def _encode(text: str) -> Encoding:
    matches = list(_PIECE.finditer(text))
    if not matches:
        return Encoding(
            np.zeros(_DIMENSION, np.float32),
            np.zeros((0, _DIMENSION), np.float32),
            np.zeros((0, 2), np.int32),
            np.zeros(0, np.float32),
        )
    pieces = np.stack([_direction(match.group().lower()[:_STEM]) for match in matches])
    offsets = np.array([match.span() for match in matches], np.int32)
    return Encoding(unit(pieces.mean(axis=0)), pieces, offsets, np.ones(len(matches), np.float32))


@lru_cache(maxsize=65_536)
def _direction(word: str) -> Floats:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    direction = np.random.default_rng(seed).standard_normal(_DIMENSION).astype(np.float32)
    return unit(direction)
