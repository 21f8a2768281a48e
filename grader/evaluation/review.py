"""What sending some answers to a person would gain: the error of those kept, against the share sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.evaluation.graded import GradedAnswer
from grader.evaluation.metrics import Floats, Ints

SHARES = tuple(share / 100 for share in range(0, 55, 5))


@dataclass(frozen=True, slots=True)
class ReviewCurve:
    """The root mean squared error of the answers kept, at each share sent to a person.

    Attributes:
        shares: of the answers, sent: 0 to 0.5.
        by_doubt: those sent first of which the grader is least sure.
        ideal: those sent first whose error is largest, which nobody can know.
        random: any; the expected error does not change.
        gain: how far the area between random and by_doubt fills that between random and ideal: 1 is ideal, 0 is no
            better than chance, below 0 is worse. Malinin et al. (2021), Shifts: the prediction rejection ratio. None
            where there is no error to avoid.
    """

    shares: tuple[float, ...]
    by_doubt: tuple[float, ...]
    ideal: tuple[float, ...]
    random: tuple[float, ...]
    gain: float | None


def review_curve(human: Floats, score: Floats, graded: Sequence[GradedAnswer]) -> ReviewCurve:
    """The curve of graded answers, marks and scores in their order."""
    squared = (score - human) ** 2
    by_doubt = _kept(squared, _doubtful_first(graded))
    ideal = _kept(squared, np.argsort(-squared, kind="stable"))
    random = tuple(float(np.sqrt(squared.mean())) for _ in SHARES)
    possible = sum(random) - sum(ideal)
    gain = (sum(random) - sum(by_doubt)) / possible if possible > 0 else None
    return ReviewCurve(SHARES, by_doubt, ideal, random, gain)


def _doubtful_first(graded: Sequence[GradedAnswer]) -> Ints:
    """Answers by how much a person should look: those marked for review, then the widest intervals.

    Equals stand in an order that depends on their text alone, so that the order of a file changes nothing.
    """

    def key(place: int) -> tuple[bool, float, str]:
        one = graded[place]
        text = f"{one.marked.question_id}\0{one.marked.answer}"
        return not one.needs_review, -one.doubt, hashlib.sha256(text.encode(errors="replace")).hexdigest()

    return np.array(sorted(range(len(graded)), key=key), dtype=np.intp)


def _kept(squared: Floats, order: Ints) -> tuple[float, ...]:
    sent = [int(len(order) * share) for share in SHARES]
    return tuple(float(np.sqrt(squared[order[count:]].mean())) for count in sent)
