"""Metrics beside independent implementations."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
import scipy.stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import cohen_kappa_score, mean_absolute_error, roc_auc_score, root_mean_squared_error

from grader.evaluation import metrics
from grader.evaluation.metrics import Floats, Ints


@pytest.fixture(scope="module", params=[1, 2, 4])
def marked(request: pytest.FixtureRequest) -> tuple[Floats, Floats, Ints]:
    """Marks in so many steps, scores that follow them loosely and with ties, and 12 questions of different sizes."""
    chance = np.random.default_rng(request.param)
    human = chance.integers(0, request.param + 1, 300) / request.param
    score = np.clip(human * 0.5 + chance.normal(0.2, 0.25, 300), 0, 1).round(1)
    return human, score, chance.binomial(11, 0.4, 300)


def test_correlations_and_errors_are_those_of_scipy_and_sklearn(marked: tuple[Floats, Floats, Ints]) -> None:
    human, score, _ = marked
    assert metrics.pearson(human, score) == pytest.approx(scipy.stats.pearsonr(human, score).statistic)
    assert metrics.spearman(human, score) == pytest.approx(scipy.stats.spearmanr(human, score).statistic)
    assert metrics.rmse(human, score) == pytest.approx(root_mean_squared_error(human, score))
    assert metrics.mae(human, score) == pytest.approx(mean_absolute_error(human, score))


def test_auc_and_kappa_are_those_of_sklearn(marked: tuple[Floats, Floats, Ints]) -> None:
    human, score, _ = marked
    assert metrics.auc(human, score, 0.6) == pytest.approx(roc_auc_score(human >= 0.6, score))
    count = metrics.steps(human)
    one, other = metrics.levels(human, count), metrics.levels(score, count)
    theirs = cohen_kappa_score(one, other, labels=list(range(count + 1)), weights="quadratic")
    assert metrics.quadratic_kappa(one, other, count) == pytest.approx(theirs)


def by_question(marked: tuple[Floats, Floats, Ints]) -> dict[int, list[tuple[float, float]]]:
    groups = defaultdict[int, list[tuple[float, float]]](list)
    for human, score, question in zip(*marked, strict=True):
        groups[int(question)].append((float(human), float(score)))
    return groups


def test_r_within_questions_is_that_of_a_plain_loop(marked: tuple[Floats, Floats, Ints]) -> None:
    human, score, questions = marked
    total, weight = 0.0, 0
    for pairs in by_question(marked).values():
        one, other = zip(*pairs, strict=True)
        if len(pairs) >= 3 and len(set(one)) > 1:
            r = scipy.stats.pearsonr(one, other).statistic if len(set(other)) > 1 else 0.0
            total, weight = total + r * len(pairs), weight + len(pairs)
    found = metrics.weighted_mean(metrics.within(human, score, questions), np.bincount(questions))
    assert found == pytest.approx(total / weight)


def test_rho_within_questions_is_that_of_a_plain_loop(marked: tuple[Floats, Floats, Ints]) -> None:
    human, score, questions = marked
    ranked = (metrics.within_ranks(human, questions), metrics.within_ranks(score, questions))
    found = metrics.within(*ranked, questions)
    for question, pairs in by_question(marked).items():
        one, other = zip(*pairs, strict=True)
        if len(pairs) >= 3 and len(set(one)) > 1 and len(set(other)) > 1:
            assert found[question] == pytest.approx(scipy.stats.spearmanr(one, other).statistic)


def test_questions_that_say_nothing_are_left_out_and_constant_scores_earn_nothing() -> None:
    human = np.array([1, 1, 1, 0, 1, 0, 1, 0, 1, 0.5])
    score = np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5])
    questions = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    found = metrics.within(human, score, questions)
    assert np.isnan(found).tolist() == [True, True, False]
    assert found[2] == 0.0


def test_calibrated_scores_are_fitted_on_other_questions(marked: tuple[Floats, Floats, Ints]) -> None:
    human, score, questions = marked
    questions = questions % 4  # four questions, so four folds: one is left out at a time
    found = metrics.calibrated(human, score, questions)
    for question in range(4):
        out = questions == question
        model = IsotonicRegression(out_of_bounds="clip").fit(score[~out], human[~out])
        assert found[out] == pytest.approx(model.predict(score[out]))


def test_one_question_leaves_nothing_to_fit_on() -> None:
    assert np.isnan(metrics.calibrated(np.array([0.0, 1.0]), np.array([0.2, 0.4]), np.array([0, 0]))).all()


def test_calibration_error_is_the_mean_gap_of_tenths() -> None:
    score = np.arange(100) / 100
    gaps = np.repeat(np.linspace(-0.05, 0.04, 10), 10)
    expected = sum(abs(gap) for gap in np.linspace(-0.05, 0.04, 10)) / 10
    assert metrics.calibration_error(score - gaps, score) == pytest.approx(expected)
    assert metrics.calibration_error(np.array([0.0, 1.0]), np.array([0.5, 0.5])) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("marks", "count"),
    [
        ([0, 1], 1),
        ([1, 1], 1),
        ([0, 0.5, 1], 2),
        ([0, 0.25, 1], 4),
        ([0, 1 / 3, 1], 3),
        ([0.2, 0.4], 5),
        ([0.95, 0.111], 5),
    ],
)
def test_the_scale_has_the_fewest_steps_on_which_all_marks_lie(marks: list[float], count: int) -> None:
    assert metrics.steps(np.array(marks)) == count


def test_levels_round_half_up() -> None:
    assert metrics.levels(np.array([0, 0.24, 0.25, 0.5, 0.75, 1]), 2).tolist() == [0, 0, 1, 1, 2, 2]


def test_what_is_not_defined_is_not_a_number() -> None:
    one, other = np.ones(4), np.array([0.1, 0.2, 0.3, 0.4])
    assert math.isnan(metrics.pearson(one, other))
    assert math.isnan(metrics.spearman(other, one))
    assert math.isnan(metrics.pearson(one[:1], other[:1]))
    assert math.isnan(metrics.auc(one, other, 0.6))
    assert math.isnan(metrics.quadratic_kappa(np.array([1, 1]), np.array([1, 1]), 2))
    assert math.isnan(metrics.weighted_mean(np.array([np.nan]), np.array([3])))
