"""What holds of scales, whatever the marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.rooms import models_folder
from grader.scoring.scale import IDENTITY, Scale
from grader.training.marked_question import MarkedQuestion
from grader.training.scale import fit_scales
from grader.training.scale_prior import load_prior

PRIOR = load_prior(models_folder() / "calibration" / "scale_prior.json")
STEPS = [step / 50 for step in range(51)]

Rows = list[tuple[float, float]]
units = st.integers(0, 20).map(lambda twentieths: twentieths / 20)
scales = st.builds(Scale, offset=st.floats(-3, 3), slope=st.floats(0.01, 5))
marked = st.lists(st.tuples(units, units), min_size=1, max_size=25)


def question(rows: Rows, key: str = "q") -> MarkedQuestion:
    scores, marks = np.array(rows).T
    return MarkedQuestion(key, "bank", scores, marks, np.ones_like(scores))


def fitted(*rows: Rows) -> list[Scale]:
    questions = [question(some, str(number)) for number, some in enumerate(rows)]
    return [one.scale for one in fit_scales(questions, PRIOR).questions]


@given(scales)
def test_a_better_score_never_gets_a_lower_mark_and_marks_stay_in_range(scale: Scale) -> None:
    marks = [scale.mark(score) for score in STEPS]
    assert marks == sorted(marks)
    assert marks[0] == 0
    assert 0 <= marks[-1] <= 1


@given(units)
def test_without_marks_scores_stay_as_they_are(score: float) -> None:
    assert IDENTITY.mark(score) == pytest.approx(score)


@given(marked, marked)
def test_fitted_scales_are_monotone_whatever_the_marks(one: Rows, other: Rows) -> None:
    for scale in fitted(one, other):
        marks = [scale.mark(score) for score in STEPS]
        assert marks == sorted(marks)


@given(marked)
def test_the_order_of_marks_changes_nothing(rows: Rows) -> None:
    (one,), (other,) = fitted(rows), fitted(sorted(rows))
    assert [one.mark(score) for score in STEPS] == pytest.approx([other.mark(score) for score in STEPS], abs=1e-3)


@given(marked)
def test_the_chosen_scale_is_not_worse_on_the_questions_own_marks(rows: Rows) -> None:
    (one,) = fit_scales([question(rows)], PRIOR).questions
    if one.moves:
        assert one.after is not None
        assert one.after < one.before


@given(st.lists(units, min_size=7, max_size=20), units, units)
def test_one_odd_mark_moves_little(scores: list[float], score: float, mark: float) -> None:
    rows = [(one, 0.6 * one) for one in scores]
    (plain,), (odd,) = fitted(rows), fitted([*rows, (score, mark)])
    if plain != IDENTITY != odd:
        assert abs(odd.mark(0.6) - plain.mark(0.6)) < 0.2
