"""How far marks lie from scores, on answers to questions that nothing was learnt from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.scoring.calibration import Spread

LEVEL = 0.9
_DOUBTFUL = 0.1  # the share of answers that doubt alone sends to a person; the other reasons send about as many
_LEAST = 0.1  # an answer whose criteria are all certain may still be marked a little apart: people do so too


@dataclass(frozen=True, slots=True)
class Residual:
    """A score, the variance that its criteria give it, and the mark that a person gave; score and mark in [0, 1]."""

    score: float
    variance: float
    mark: float


def fit_spread(residuals: Sequence[Residual], level: float = LEVEL) -> Spread:
    """The spread whose intervals hold the share `level` of marks, and of marks to come from the same source.

    The scale is the ⌈(n + 1) · level⌉-th smallest of the n scaled errors, the largest where there are too few.
    """
    plain = Spread(level=level, scale=1.0, least=_LEAST, doubtful=1.0)
    units = [plain.unit(one.variance) for one in residuals]
    errors = sorted(abs(one.mark - one.score) / unit for one, unit in zip(residuals, units, strict=True))
    rank = min(len(errors), math.ceil((len(errors) + 1) * level))
    return Spread(
        level=level,
        scale=round(float(np.maximum(errors[rank - 1], 1e-3)), 4),
        least=_LEAST,
        doubtful=round(float(np.quantile(units, 1 - _DOUBTFUL)), 4),
    )
