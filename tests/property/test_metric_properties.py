"""What holds of the figures, whatever the marks and scores."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.evaluation import metrics
from grader.evaluation.bootstrap import Resamples
from grader.evaluation.figures import Method, compare, marks
from grader.evaluation.metrics import Floats

QUICK = Resamples(count=100, seed=3)
units = st.integers(0, 20).map(lambda twentieths: twentieths / 20)
rows = st.lists(st.tuples(units, units, st.sampled_from("abcdefg")), min_size=3, max_size=40)
Rows = list[tuple[float, float, str]]


def figures(some: Rows, resamples: Resamples = QUICK) -> Method:
    human, score, questions = zip(*some, strict=True)
    return compare("grader", marks(human, questions, 0.6), np.array(score), resamples)


def values(method: Method) -> list[float | None]:
    told = [part for one in method.estimates.values() for part in (one.value, one.low, one.high)]
    return [None if value is None else round(value, 9) for value in told]


@settings(max_examples=25)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(some: Rows, chance: random.Random) -> None:
    shuffled = chance.sample(some, len(some))
    assert values(figures(shuffled)) == values(figures(some))


@given(rows, st.lists(st.tuples(st.floats(0.1, 5), st.floats(-2, 2)), min_size=7, max_size=7))
def test_r_within_questions_does_not_see_shifts_and_stretches_of_a_questions_scores(
    some: Rows, changes: list[tuple[float, float]]
) -> None:
    human, score, names = (np.array(column) for column in zip(*some, strict=True))
    questions = np.unique(names, return_inverse=True)[1]
    stretch, shift = (np.array(part)[questions] for part in zip(*changes, strict=True))
    before, after = (metrics.within(human, scores, questions) for scores in (score, score * stretch + shift))
    assert after == pytest.approx(before, abs=1e-6, nan_ok=True)


@given(rows)
def test_perfect_scores_are_told_as_perfect(some: Rows) -> None:
    perfect = figures([(human, human, question) for human, _, question in some])
    for name in ("rmse", "mae", "calibration_error", "bias"):
        assert perfect.estimates[name].value == pytest.approx(0)
    for name in ("pearson", "spearman", "within_pearson", "within_spearman", "qwk", "auc"):
        value = perfect.estimates[name].value
        assert value is None or value == pytest.approx(1)


@settings(max_examples=25)
@given(rows)
def test_the_same_seed_gives_the_same_intervals(some: Rows) -> None:
    assert values(figures(some)) == values(figures(some))


@given(rows)
def test_figures_lie_in_their_ranges(some: Rows) -> None:
    for name, estimate in figures(some).estimates.items():
        low = 0.0 if name in {"rmse", "mae", "rmse_calibrated", "auc", "calibration_error"} else -1.0
        for part in (estimate.value, estimate.low, estimate.high):
            assert part is None or low - 1e-9 <= part <= 1 + 1e-9


@given(rows)
def test_levels_lie_on_the_scale(some: Rows) -> None:
    score: Floats = np.array([one for _, one, _ in some])
    for count in (1, 2, 5, 9):
        assert set(metrics.levels(score, count)) <= set(range(count + 1))
