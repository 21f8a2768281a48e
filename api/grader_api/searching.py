"""Questions by meaning: their vectors, made once in the model's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import numpy as np
from cachetools import LRUCache

from grader.encoders.nearest import nearest
from grader.encoders.protocol import Floats
from grader_api.model import EncodeJob
from grader_api.service import Service

_TOGETHER = 32  # texts a job: answers that wait to be graded come in between


class Vectors:
    """The vectors of texts, the least recently used leaving first."""

    def __init__(self, most: int = 50_000) -> None:
        self._known: LRUCache[str, Floats] = LRUCache(most)

    async def of(self, service: Service, texts: Sequence[str]) -> Floats:
        """Shape (n, d): one vector of length 1 for each text."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        for first in range(0, len(missing), _TOGETHER):
            part = tuple(missing[first : first + _TOGETHER])
            (future,) = service.model.submit([EncodeJob(part)])
            vectors = cast("tuple[Floats, ...]", await asyncio.wrap_future(future))
            self._known.update(zip(part, vectors, strict=True))
        return np.stack([self._known[text] for text in texts])


async def search(
    service: Service, vectors: Vectors, query: str, texts: Sequence[str], limit: int
) -> list[tuple[int, float]]:
    """The places of the texts nearest to a query, each with its cosine in [-1, 1], nearest first."""
    if not texts:
        return []
    known = await vectors.of(service, texts)
    (future,) = service.model.submit([EncodeJob((query,))])
    (wanted,) = cast("tuple[Floats, ...]", await asyncio.wrap_future(future))
    return nearest(known, wanted, limit)
