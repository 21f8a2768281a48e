"""How rare the pieces of a vocabulary are in ordinary text.

Vocabularies of subword tokenizers list their pieces by falling frequency. By Zipf's law the frequency of a word is
about the reciprocal of its rank, so its information, the logarithm of one over its frequency, is about the logarithm of
its rank (Sparck Jones 1972, "A statistical interpretation of term specificity", for information as a weight).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grader.encoders.protocol import Floats


def rarities(vocabulary: Mapping[str, int]) -> Floats:
    """The rarity of each piece, in [0, 1], by its id; shape (largest id + 1,).

    Ranks are counted from the first piece of at least two letters: special pieces and single characters stand first
    whatever their frequency, and come out at 0.
    """
    size = max(vocabulary.values()) + 1
    first = min((index for piece, index in vocabulary.items() if len(piece) > 1 and piece.isalpha()), default=0)
    ranks = np.maximum(np.arange(size) - first + 1, 1)
    return np.asarray(np.log(ranks) / np.log(max(size - first + 1, 2)), np.float32)
