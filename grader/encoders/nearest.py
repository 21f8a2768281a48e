"""Texts by meaning."""

from __future__ import annotations

import numpy as np

from grader.encoders.protocol import Floats


def nearest(known: Floats, wanted: Floats, limit: int) -> list[tuple[int, float]]:
    """The rows of `known` nearest to a vector, each with its cosine in [-1, 1], nearest first.

    Args:
        known: shape (n, d), rows of length 1.
        wanted: shape (d,), of length 1.
        limit: the most rows that are wanted.
    """
    cosines = np.clip(known @ wanted, -1.0, 1.0)
    return [(int(place), round(float(cosines[place]), 4)) for place in np.argsort(-cosines, kind="stable")[:limit]]
