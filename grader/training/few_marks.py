"""What few marks are worth: error by the number of marks of each question, on the answers that stay unmarked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.scoring.scale import IDENTITY
from grader.training.marked_question import Array, MarkedQuestion
from grader.training.scale import fit_scales
from grader.training.scale_prior import ScalePrior

COUNTS = (0, 5, 10, 20)
"""The numbers of marks that are told."""

_LEAST_LEFT = 3  # unmarked answers of a question, without which it is in no figure
_DRAWS = 10


@dataclass(frozen=True, slots=True)
class FewMarks:
    """What so many marks of each question are worth, over all draws.

    Attributes:
        marks: of each question, drawn by chance.
        questions: those with so many answers that at least three stay unmarked; only they are in the figures.
        before: the error (RMSE) of the scores themselves on the answers that stay unmarked.
        after: that of the scores on the scales that the marks tell.
        better: the share of questions, over all draws, whose error falls.
        worse: the share whose error rises.
    """

    marks: int
    questions: int
    before: float
    after: float
    better: float
    worse: float


Progress = Callable[[int], None]
"""Called with the number of draws that were done since the last call."""


def draws_of(questions: Sequence[MarkedQuestion]) -> int:
    """How many draws `few_marks` makes."""
    return sum(bool(_long(questions, count)) for count in COUNTS) * _DRAWS


def few_marks(
    questions: Sequence[MarkedQuestion], prior: ScalePrior, seed: int, progress: Progress
) -> Iterator[FewMarks]:
    """The figures for each of `COUNTS` for which some question has answers enough."""
    for count in COUNTS:
        some = _long(questions, count)
        if some:
            chance = np.random.default_rng([seed, count])
            yield _figures(count, [_draw(some, count, prior, chance, progress) for _ in range(_DRAWS)], len(some))


def _long(questions: Sequence[MarkedQuestion], count: int) -> list[MarkedQuestion]:
    return [question for question in questions if len(question) >= count + _LEAST_LEFT]


def _draw(
    questions: Sequence[MarkedQuestion], count: int, prior: ScalePrior, chance: np.random.Generator, progress: Progress
) -> list[tuple[Array, Array]]:
    """For each question, the errors before and after on the answers that one draw leaves unmarked."""
    orders = [chance.permutation(len(question)) for question in questions]
    drawn = [question.pick(order[:count]) for question, order in zip(questions, orders, strict=True)]
    left = [question.pick(order[count:]) for question, order in zip(questions, orders, strict=True)]
    scales = [one.scale for one in fit_scales(drawn, prior).questions] if count else [IDENTITY] * len(left)
    progress(1)
    return [(one.errors(IDENTITY), one.errors(scale)) for one, scale in zip(left, scales, strict=True)]


def _figures(count: int, draws: Sequence[Sequence[tuple[Array, Array]]], questions: int) -> FewMarks:
    pairs = [pair for draw in draws for pair in draw]
    before, after = (np.concatenate(side) for side in zip(*pairs, strict=True))
    gains = np.array([float(one @ one) - float(other @ other) for one, other in pairs])
    return FewMarks(
        marks=count,
        questions=questions,
        before=float(np.sqrt(np.mean(before**2))),
        after=float(np.sqrt(np.mean(after**2))),
        better=float(np.mean(gains > 0)),
        worse=float(np.mean(gains < 0)),
    )
