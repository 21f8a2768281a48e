"""A learnt combination: reading it, what it makes of numbers, and how it is fitted."""

from __future__ import annotations

import numpy as np
import pytest

from grader.rooms import models_folder
from grader.scoring.calibration import load_calibration
from grader.scoring.combination import Combination
from grader.signals.reference import READING_SIGNS
from grader.training.combination import Marked, fit_combination

SIGNS = {"right": 1, "noise": 1, "wrong": -1}


def marked(seed: int = 0, *, flipped: bool = False) -> Marked:
    """Answers whose marks follow `right` less `wrong` within a question, and whose questions differ in level."""
    rng = np.random.default_rng(seed)
    features = rng.uniform(size=(400, 3))
    questions = np.repeat(np.arange(20), 20)
    level = rng.uniform(0.2, 0.5, size=20)[questions]
    sense = -1 if flipped else 1
    marks = np.clip(level + sense * (0.5 * features[:, 0] - 0.4 * features[:, 2]) + 0.1, 0, 1)
    sets = np.where(questions < 15, "large", "small")
    return Marked(features, features[:50] * 0.1, np.tile([1.0, 1.0, 0.0], (5, 1)), marks, questions.astype(str), sets)


def test_weights_follow_what_the_marks_follow_within_questions() -> None:
    weights = fit_combination("test", SIGNS, marked()).weights
    assert weights["right"] > 0.5
    assert weights["wrong"] < -0.5
    assert abs(weights["noise"]) < 0.1 * weights["right"]


def test_a_weight_never_has_the_sign_that_sense_forbids() -> None:
    weights = fit_combination("test", SIGNS, marked(flipped=True)).weights
    assert weights["right"] == pytest.approx(0, abs=1e-4)
    assert weights["wrong"] == pytest.approx(0, abs=1e-4)


def test_every_set_counts_the_same_however_large() -> None:
    one = marked()
    small = one.sets == "small"
    parts = (one.features, one.marks, one.questions, one.sets)
    features, marks, questions, sets = (np.concatenate([part, part[~small], part[~small]]) for part in parts)
    tripled = Marked(features, one.strangers, one.references, marks, questions, sets)
    once, thrice = (fit_combination("test", SIGNS, data) for data in (one, tripled))
    assert thrice.weights == pytest.approx(once.weights, abs=0.02)


def test_who_says_all_that_the_reference_says_gets_full_marks_and_nobody_more() -> None:
    combination = fit_combination("test", SIGNS, marked())
    assert combination.expect({"right": 1.0, "noise": 1.0, "wrong": 0.0}) == pytest.approx(1.0, abs=1e-3)
    assert combination.expect({"right": 2.0, "noise": 1.0, "wrong": 0.0}) == 1.0
    assert combination.expect({"right": 0.5, "noise": 1.0, "wrong": 0.5}) < 0.95


def test_a_fit_is_the_same_each_time() -> None:
    assert fit_combination("test", SIGNS, marked()) == fit_combination("test", SIGNS, marked())


def test_the_projects_combination_reads_what_is_measured_and_keeps_the_signs() -> None:
    combination = load_calibration(models_folder() / "calibration" / "unjudged.json").reference
    assert set(combination.weights) == set(READING_SIGNS)
    assert all(weight * READING_SIGNS[name] >= 0 for name, weight in combination.weights.items())


def test_more_of_what_speaks_for_an_answer_never_lowers_its_mark() -> None:
    combination = load_calibration(models_folder() / "calibration" / "unjudged.json").reference
    for name, sign in READING_SIGNS.items():
        values = dict.fromkeys(READING_SIGNS, 0.4)
        assert (combination.expect(values | {name: 0.9}) - combination.expect(values)) * sign >= 0


def test_nothing_that_speaks_for_an_answer_is_a_mark_of_nothing() -> None:
    combination = load_calibration(models_folder() / "calibration" / "unjudged.json").reference
    nothing = {name: float(sign < 0) for name, sign in READING_SIGNS.items()}
    assert combination.expect(nothing) == 0.0


def test_a_missing_feature_is_told() -> None:
    combination = Combination(name="test", weights={"one": 1.0}, full=1.0, power=1.0)
    with pytest.raises(KeyError):
        combination.expect({"other": 1.0})
