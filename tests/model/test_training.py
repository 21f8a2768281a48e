"""The calibration is what its answers make of it, and what it is worth on sets that it has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.bank.library import Library
from grader.evaluation.metrics import pearson, weighted_mean, within
from grader.rooms import models_folder
from grader.scoring.calibration import load_calibration
from grader.signals.reference import READING_SIGNS
from grader.training.calibration import fit_calibration, load_witnessing, with_spreads
from grader.training.combination import Array, Marked, fit_combination
from grader.training.few_marks import few_marks
from grader.training.reading import measure, read_sets
from grader.training.scale_prior import load_prior
from grader.training.scale_prior_fit import learn_prior, unseen_questions
from grader.training.verdicts import measure_statements, read_verdicts, residuals, witness_verdicts

pytestmark = [pytest.mark.model, pytest.mark.shared]

SETS = ("saf_train", "semeval_beetle_train", "semeval_scientsbank_train")
ANSWERS, SELECTED = (models_folder() / "calibration" / f"{name}.jsonl" for name in ("answers", "side_by_side"))
WEIGHTS = 0.3  # log-odds: what another processor's rounding of the vectors may change


@pytest.fixture(scope="module")
def measured(shared: Path) -> Marked:
    return measure(
        read_sets([shared / "asag" / f"{name}.parquet" for name in SETS]), load_witnessing(Library([]), None)
    )


def test_the_calibration_without_a_judge_is_reproduced_from_its_data(measured: Marked, library: Library) -> None:
    kept = load_calibration(models_folder() / "calibration" / "unjudged.json")
    witnessing = load_witnessing(library, None)
    found, hard = (witness_verdicts(read_verdicts(path), witnessing) for path in (ANSWERS, SELECTED))
    again = fit_calibration(kept.name, measured, measure_statements([*found, *hard]), judged=False)
    again = with_spreads(again, residuals(found, again), measured, judged=False)
    assert again.reference.weights == pytest.approx(kept.reference.weights, abs=0.03)
    assert (again.reference.full, again.reference.power) == pytest.approx(
        (kept.reference.full, kept.reference.power), abs=0.03
    )
    assert again.criterion.weights == pytest.approx(kept.criterion.weights, abs=WEIGHTS)
    assert again.claim.weights == pytest.approx(kept.claim.weights, abs=WEIGHTS)
    assert again.spread.scale == pytest.approx(kept.spread.scale, abs=0.1)
    assert again.drafted_spread.scale == pytest.approx(kept.drafted_spread.scale, abs=0.1)


@pytest.mark.parametrize("held_out", SETS)
def test_on_a_set_that_it_has_not_seen_it_follows_marks_closer_than_cosine(measured: Marked, held_out: str) -> None:
    unseen = measured.sets == held_out
    combination = fit_combination("unseen", READING_SIGNS, measured.where(~unseen))
    rows = [dict(zip(READING_SIGNS, row, strict=True)) for row in measured.features[unseen]]
    graded = np.array([combination.expect(row) for row in rows])
    cosine = measured.features[unseen][:, list(READING_SIGNS).index("similarity")]
    pooled = [pearson(measured.marks[unseen], found) for found in (graded, cosine)]
    inside = [_within(found, measured, unseen) for found in (graded, cosine)]
    print(
        f"\n{held_out:<26} r {pooled[0]:.2f} (cosine {pooled[1]:.2f})"
        f"  r within questions {inside[0]:.2f} (cosine {inside[1]:.2f})"
    )
    assert pooled[0] > pooled[1]
    assert inside[0] > inside[1]


def _within(found: Array, measured: Marked, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    _, questions, sizes = np.unique(measured.questions[rows], return_inverse=True, return_counts=True)
    return weighted_mean(within(measured.marks[rows], found, questions), sizes)


def test_few_marks_of_each_question_bring_scores_near_a_markers(measured: Marked) -> None:
    unseen = unseen_questions(measured, READING_SIGNS)
    for name, questions in unseen.items():
        prior = learn_prior([others for other, others in unseen.items() if other != name])
        curve = list(few_marks(questions, prior, 0, lambda _: None))
        for point in curve:
            print(
                f"{name:<26} {point.marks:>2} marks  error {point.before:.3f} -> {point.after:.3f}"
                f"  questions nearer {point.better:.0%} further {point.worse:.0%}"
            )
        errors = [point.after for point in curve if point.questions == len(questions)]
        assert len(errors) >= 3
        assert errors == sorted(errors, reverse=True)


def test_the_prior_of_scales_is_reproduced_from_its_data(measured: Marked) -> None:
    kept = load_prior(models_folder() / "calibration" / "scale_prior.json")
    again = learn_prior(list(unseen_questions(measured, READING_SIGNS).values()))
    assert again.noise == pytest.approx(kept.noise, abs=0.01)
    assert again.own == pytest.approx(kept.own, abs=0.02)
    assert again.shared == pytest.approx(kept.shared, abs=0.02)
