"""What is learnt of scoring: likelihoods, spreads, and the files that hold them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from grader.errors import CalibrationError
from grader.rooms import models_folder
from grader.scoring.calibration import Calibration, Likelihood, Spread, load_calibration
from grader.scoring.probability import (
    BARE_CLAIM_SIGNS,
    BARE_CRITERION_SIGNS,
    BARE_DENIAL_SIGNS,
    CLAIM_SIGNS,
    CRITERION_SIGNS,
    DENIAL_SIGNS,
    JUDGED_CLAIM_SIGNS,
    JUDGED_CRITERION_SIGNS,
    JUDGED_DENIAL_SIGNS,
)
from grader.training.likelihood import fit_likelihood
from grader.training.spread import Residual, fit_spread

SIGNS = {"right": 1, "wrong": -1}
LIKELIHOODS = {
    "criterion": (CRITERION_SIGNS, JUDGED_CRITERION_SIGNS),
    "bare_criterion": (BARE_CRITERION_SIGNS, JUDGED_CRITERION_SIGNS),
    "claim": (CLAIM_SIGNS, JUDGED_CLAIM_SIGNS),
    "bare_claim": (BARE_CLAIM_SIGNS, JUDGED_CLAIM_SIGNS),
    "denial": (DENIAL_SIGNS, JUDGED_DENIAL_SIGNS),
    "bare_denial": (BARE_DENIAL_SIGNS, JUDGED_DENIAL_SIGNS),
}


def kept(name: str) -> Calibration:
    return load_calibration(models_folder() / "calibration" / f"{name}.json")


def drawn(count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(5)
    features = chance.random((count, 2))
    odds = -1 + 3 * features[:, 0] - 2 * features[:, 1]
    return features, (chance.random(count) < 1 / (1 + np.exp(-odds))).astype(np.float64)


def test_a_likelihood_finds_the_weights_that_scikit_learn_finds() -> None:
    features, outcomes = drawn()
    found = fit_likelihood(SIGNS, features, outcomes, np.ones_like(outcomes))
    other = LogisticRegression(C=math.inf).fit(features, outcomes)
    assert [*found.weights.values()] == pytest.approx(other.coef_[0], abs=0.15)
    assert found.bias == pytest.approx(other.intercept_[0], abs=0.15)


def test_a_weight_against_its_sign_becomes_nothing() -> None:
    features, outcomes = drawn()
    found = fit_likelihood({"right": -1, "wrong": -1}, features, outcomes, np.ones_like(outcomes))
    assert found.weights["right"] == 0.0
    assert found.weights["wrong"] < -1


def test_a_likelihood_by_hand() -> None:
    likelihood = Likelihood(bias=-1.0, weights={"one": 2.0})
    assert likelihood.probability({"one": 0.5, "other": 9.0}) == 0.5
    with pytest.raises(KeyError):
        likelihood.probability({"other": 1.0})


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_intervals_hold_the_marks_to_come_as_often_as_they_say(level: float) -> None:
    chance = np.random.default_rng(11)

    def residuals(count: int) -> list[Residual]:
        variances = chance.random(count) * 0.2
        errors = chance.normal(0, np.sqrt(0.01 + variances))
        return [Residual(0.5, float(v), 0.5 + float(e)) for v, e in zip(variances, errors, strict=True)]

    spread = fit_spread(residuals(2000), level)
    inside = [abs(one.mark - one.score) <= spread.half_width(one.variance) for one in residuals(4000)]
    assert np.mean(inside) == pytest.approx(level, abs=0.03)


@given(st.floats(0, 0.25), st.floats(0, 0.25))
def test_a_less_certain_answer_has_no_narrower_interval(one: float, other: float) -> None:
    spread = Spread(level=0.9, scale=1.5, least=0.1, doubtful=0.3)
    assert (spread.half_width(one) <= spread.half_width(other)) == (one <= other) or one == pytest.approx(other)


@pytest.mark.parametrize("judged", [False, True])
def test_the_projects_calibrations_read_what_is_measured_and_keep_the_signs(*, judged: bool) -> None:
    learnt = kept("judged" if judged else "unjudged")
    for name, (plain, more) in LIKELIHOODS.items():
        signs = {**plain, **more} if judged else plain
        likelihood: Likelihood = getattr(learnt, name)
        assert set(likelihood.weights) == set(signs)
        assert all(weight * signs[feature] >= 0 for feature, weight in likelihood.weights.items())


@pytest.mark.parametrize("text", [None, "", "{}", '{"name": "x", "criterion": {"bias": NaN, "weights": {}}}'])
def test_what_is_no_calibration_is_refused_by_name(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "broken.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CalibrationError, match=r"broken\.json"):
        load_calibration(path)
