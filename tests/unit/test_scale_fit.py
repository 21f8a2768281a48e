"""Scales fitted to marks: what few of them tell, and when they tell nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from markers import MARKERS, marked_by

from grader.rooms import models_folder
from grader.scoring.scale import IDENTITY, Scale
from grader.training.few_marks import draws_of, few_marks
from grader.training.marked_question import CENTRE, Array, MarkedQuestion, features
from grader.training.scale import fit_scales
from grader.training.scale_prior import ScalePrior, load_prior
from grader.training.scale_prior_fit import learn_prior

PRIOR = load_prior(models_folder() / "calibration" / "scale_prior.json")


def dense_posterior(questions: Sequence[MarkedQuestion], prior: ScalePrior, place: int) -> Array:
    """The same posterior mean by one large normal distribution over all marks and the numbers of one question."""
    rows = np.concatenate([features(one.scores) for one in questions])
    names = np.repeat(np.arange(len(questions)), [len(one) for one in questions])
    gaps = np.concatenate([one.marks - one.scores for one in questions])
    same = names[:, None] == names[None, :]
    shared = rows @ np.diag(prior.shared)
    own = rows @ prior.own_covariance
    between = shared @ rows.T + same * (own @ rows.T) + prior.noise**2 * np.eye(len(rows))
    across = shared + (names == place)[:, None] * own
    posterior: Array = across.T @ np.linalg.solve(between, gaps)
    return posterior


def test_the_scale_of_a_question_is_the_posterior_mean_over_all_marks() -> None:
    drawn = marked_by("lenient", 4, 9, noise=0.1, seed=1)
    questions = [one.pick(np.arange(count)) for one, count in zip(drawn, (9, 2, 5, 7), strict=True)]
    fitted = fit_scales(questions, PRIOR)
    for place, one in enumerate(fitted.questions):
        offset, slope = dense_posterior(questions, PRIOR, place)
        assert one.moves
        assert one.scale.slope == pytest.approx(1 + slope, abs=1e-4)
        assert one.scale.mark(CENTRE) == pytest.approx(CENTRE + offset, abs=2e-4)


def test_each_mark_is_predicted_from_the_others() -> None:
    questions = marked_by("strict", 3, 6, noise=0.15, seed=2)
    (first, *others) = questions
    expected = []
    for left_out in range(len(first)):
        rest = first.pick(np.delete(np.arange(len(first)), left_out))
        offset, slope = dense_posterior([rest, *others], PRIOR, 0)
        scale = Scale(offset=CENTRE + offset - (1 + slope) * CENTRE, slope=1 + slope)
        expected.append(first.pick(np.array([left_out])).errors(scale)[0])
    assert fit_scales(questions, PRIOR).questions[0].after == pytest.approx(np.mean(np.square(expected)), abs=1e-4)


def test_marks_that_scores_meet_already_leave_them() -> None:
    scores = np.linspace(0.3, 0.9, 6)
    question = MarkedQuestion("q", None, scores, scores.copy(), np.ones(6))
    (fitted,) = fit_scales([question], PRIOR).questions
    assert fitted.scale == IDENTITY
    assert not fitted.moves


def test_one_mark_makes_no_scale_but_is_counted_with_its_bank() -> None:
    many = marked_by("strict", 3, 8, noise=0.05, seed=3)
    single = many[0].pick(np.array([0]))
    fitted = fit_scales([single, *many[1:]], PRIOR)
    assert fitted.questions[0].after is None
    assert fitted.questions[0].scale == IDENTITY
    assert fitted.banks["bank"].mark(0.8) < 0.7


def test_a_bank_of_one_marked_question_has_no_scale_for_the_others() -> None:
    assert fit_scales(marked_by("strict", 1, 8, noise=0.05, seed=3), PRIOR).banks == {}


def test_a_marker_against_the_order_of_scores_does_not_turn_them_over() -> None:
    scores = np.linspace(0.1, 1, 30)
    question = MarkedQuestion("q", None, scores, 1 - scores, np.ones(30))
    (fitted,) = fit_scales([question], PRIOR).questions
    assert fitted.scale.slope > 0


def test_the_prior_is_found_again_where_markers_are_drawn_from_one() -> None:
    drawn = ScalePrior(shared=(0.04, 0.02), own=(0.02, -0.01, 0.1), noise=0.2)
    chance = np.random.default_rng(9)
    found = learn_prior([_set_of(drawn, chance) for _ in range(80)])
    assert found.noise == pytest.approx(drawn.noise, rel=0.03)
    assert found.own == pytest.approx(drawn.own, abs=0.015)
    assert found.shared == pytest.approx(drawn.shared, rel=0.5)


def _set_of(prior: ScalePrior, chance: np.random.Generator) -> list[MarkedQuestion]:
    shared = chance.normal(0, np.sqrt(prior.shared))
    questions = []
    for number in range(20):
        scores = chance.random(12)
        own = chance.multivariate_normal(shared, prior.own_covariance)
        marks = scores + features(scores) @ own + chance.normal(0, prior.noise, 12)
        questions.append(MarkedQuestion(str(number), None, scores, marks, np.ones(12)))
    return questions


def test_a_curve_tells_the_numbers_that_the_answers_allow() -> None:
    questions = [*marked_by("strict", 3, 14, noise=0.05, seed=4), *marked_by("strict", 2, 8, noise=0.05, seed=5)]
    done: list[int] = []
    curve = list(few_marks(questions, PRIOR, 0, done.append))
    assert [(point.marks, point.questions) for point in curve] == [(0, 5), (5, 5), (10, 3)]
    assert sum(done) == draws_of(questions)
    assert curve[0].before == curve[0].after
    assert curve[2].after < curve[1].after < curve[0].after
    assert curve == list(few_marks(questions, PRIOR, 0, done.append))


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_scales_are_never_worse_than_scores_on_average_on_answers_that_are_not_marked(
    marker: str, noise: float
) -> None:
    questions = marked_by(marker, 60, 60, noise=noise, seed=6)
    _, *curve = few_marks(questions, PRIOR, 1, lambda _: None)
    for point in curve:
        assert point.after <= point.before * 1.01  # of a marker who marks just as scores do, chance alone is learnt
    if marker != "just so" and noise < 0.1:
        assert curve[0].after < curve[0].before * 0.6
