"""How much a word tells, against the other texts of its bank."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from grader.text.reading import read

Worth = Mapping[str, float]


def informativeness(texts: Iterable[str]) -> Worth:
    """For each stem of the texts, its inverse document frequency in them: at least 1, more the fewer texts have it.

    ln((1 + n) / (1 + df)) + 1, with n texts of which df have the stem (Spärck Jones 1972; smoothed as in scikit-learn's
    TfidfTransformer).
    """
    readings = [read(text).content_stems for text in texts]
    often = Counter(stem for stems in readings for stem in stems)
    return {stem: math.log((1 + len(readings)) / (1 + count)) + 1 for stem, count in often.items()}
