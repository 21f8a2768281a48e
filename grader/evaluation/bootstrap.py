"""Intervals by resampling questions, since the answers to one question are not independent of each other.

Cameron, Gelbach and Miller (2008), Bootstrap-based improvements for inference with clustered errors: whole clusters are
drawn with replacement. The interval is that of the percentiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from grader.evaluation.metrics import Floats, Ints

_LEVEL = 0.95
_LEAST_QUESTIONS = 5  # of fewer, resamples are too few and too alike for an interval
_LEAST_DEFINED = 0.9  # the share of resamples in which a figure must be defined


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Resamples:
    """How often, and from which seed, questions are drawn."""

    count: int = 1000
    seed: int = 0

    def draws(self, questions: int) -> Iterator[Ints]:
        """Each resample: how many times it holds each question, shape (questions,)."""
        chance = np.random.default_rng(self.seed)
        shares = np.full(questions, 1 / questions)
        for _ in range(self.count):
            yield chance.multinomial(questions, shares).astype(np.intp)


Figures = dict[str, float]
"""Figures by name; NaN where one is not defined."""

Measure = Callable[[Ints, Ints], Figures]
"""Figures of a resample, from the rows that it holds and how many times it holds each question."""


def intervals(measure: Measure, questions: Ints, resamples: Resamples) -> dict[str, Estimate]:
    """Each figure of the whole with its interval.

    Args:
        measure: figures from rows (each as often as its question was drawn) and the questions' counts.
        questions: shape (n,): the question 0 … q-1 of each row.
        resamples: how many and from which seed. The same seed draws the same questions.
    """
    count = int(questions.max()) + 1
    whole = measure(np.arange(len(questions)), np.ones(count, np.intp))
    drawn = [
        measure(np.repeat(np.arange(len(questions)), times[questions]), times) for times in _draws(count, resamples)
    ]
    return {
        name: _estimate(value, np.array([figures[name] for figures in drawn], dtype=np.float64))
        for name, value in whole.items()
    }


def _draws(questions: int, resamples: Resamples) -> Iterator[Ints]:
    return resamples.draws(questions) if questions >= _LEAST_QUESTIONS else iter(())


def _estimate(value: float, drawn: Floats) -> Estimate:
    if np.isnan(value):
        return Estimate(None)
    defined = drawn[~np.isnan(drawn)]
    if not len(drawn) or len(defined) < len(drawn) * _LEAST_DEFINED:
        return Estimate(value)
    low, high = np.quantile(defined, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Estimate(value, float(low), float(high))
