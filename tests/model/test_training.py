"""The combination is what its marked answers make of it, and what it is worth on sets that it has not seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.encoders.sentence import load_encoder
from grader.evaluation.datasets import read_marked
from grader.evaluation.metrics import pearson, weighted_mean, within
from grader.rooms import models_folder
from grader.scoring.combination import load_combination
from grader.signals.reference import READING_SIGNS
from grader.training.combination import Array, Marked
from grader.training.reference import MarkedSet, fit_reference, measure

pytestmark = [pytest.mark.model, pytest.mark.shared]

SETS = ("saf_train", "semeval_beetle_train", "semeval_scientsbank_train")


@pytest.fixture(scope="module")
def measured(shared: Path) -> Marked:
    sets = [MarkedSet(name, read_marked(shared / "asag" / f"{name}.parquet")) for name in SETS]
    return measure(sets, load_encoder("all-MiniLM-L6-v2", "auto", "auto"))


def test_the_projects_combination_is_reproduced_from_its_data(measured: Marked) -> None:
    """Within what another processor's rounding of the vectors may change."""
    kept, again = load_combination(models_folder() / "calibration" / "reference.json"), fit_reference(measured)
    assert again.weights == pytest.approx(kept.weights, abs=0.03)
    assert (again.full, again.power) == pytest.approx((kept.full, kept.power), abs=0.03)


@pytest.mark.parametrize("held_out", SETS)
def test_on_a_set_that_it_has_not_seen_it_follows_marks_closer_than_cosine(measured: Marked, held_out: str) -> None:
    unseen = measured.sets == held_out
    combination = fit_reference(_only(measured, ~unseen))
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


def _only(measured: Marked, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Marked:
    return replace(
        measured,
        features=measured.features[rows],
        marks=measured.marks[rows],
        questions=measured.questions[rows],
        sets=measured.sets[rows],
    )


def _within(found: Array, measured: Marked, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    _, questions, sizes = np.unique(measured.questions[rows], return_inverse=True, return_counts=True)
    return weighted_mean(within(measured.marks[rows], found, questions), sizes)
