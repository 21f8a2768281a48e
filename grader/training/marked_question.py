"""The marks of one question beside its scores, and what a scale is linear in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grader.scoring.scale import KNEE, Scale

Array = npt.NDArray[np.float64]

CENTRE = 0.5
"""The score at which a scale's offset is meant: there, offset and slope are least entangled."""


@dataclass(frozen=True, slots=True)
class MarkedQuestion:
    """The marks of one question.

    Attributes:
        key: as in `Scales.questions`.
        bank: None for a question of no bank.
        scores, marks: shape (n,), in [0, 1].
        caps: shape (n,), in [0, 1], the most that guards and claimed misconceptions leave.
    """

    key: str
    bank: str | None
    scores: Array
    marks: Array
    caps: Array

    def __len__(self) -> int:
        return len(self.scores)

    def pick(self, places: npt.NDArray[np.intp]) -> MarkedQuestion:
        """The marks at some places only."""
        return MarkedQuestion(self.key, self.bank, self.scores[places], self.marks[places], self.caps[places])

    def errors(self, scale: Scale) -> Array:
        """Shape (n,): marks on a scale, less those given."""
        moved = [min(scale.mark(score), cap) for score, cap in zip(self.scores, self.caps, strict=True)]
        return np.array(moved, np.float64) - self.marks


def features(scores: Array) -> Array:
    """Shape (n, 2): what an offset a and a slope b add to a score, for each unit of them.

    The mark is score + r · (a + b · (max(score, knee) − ½)), with r = min(1, score / knee): a line, and below the knee
    straight to nothing, as `Scale.mark` has it.
    """
    reach = np.minimum(1.0, scores / KNEE)
    return np.stack([reach, reach * (np.maximum(scores, KNEE) - CENTRE)], axis=1)
