"""Marked answers graded with the real model: figures are printed; what is asserted holds of any useful grader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.bank.library import Library
from grader.encoders.cache import EncodingCache
from grader.encoders.sentence import load_encoder
from grader.evaluation import baselines
from grader.evaluation.bootstrap import Resamples
from grader.evaluation.datasets import MarkedAnswer, read_marked
from grader.evaluation.evaluation import Evaluation, Plan, evaluate
from grader.evaluation.graded import complete, grade_marked
from grader.grading import Grader

pytestmark = [pytest.mark.model, pytest.mark.shared]

QUESTIONS, EACH = 20, 15


def some_of(marked: tuple[MarkedAnswer, ...]) -> tuple[MarkedAnswer, ...]:
    """The first answers to the first questions by id."""
    names = sorted({one.question_id for one in marked})[:QUESTIONS]
    chosen = [[one for one in marked if one.question_id == name][:EACH] for name in names]
    return tuple(one for group in chosen for one in group)


@pytest.fixture(scope="module", params=["semeval_beetle_train", "semeval_scientsbank_train", "saf_train"])
def found(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    path = shared / "asag" / f"{request.param}.parquet"
    rows = complete(path, some_of(read_marked(path)), Library([]))
    encoder = load_encoder("all-MiniLM-L6-v2", "cpu", "auto")
    grader = Grader(Library([]), encoder, cache=EncodingCache(tmp_path_factory.mktemp("encodings")))
    graded = grade_marked(rows, grader, lambda _done: None)
    scores = {"cosine": baselines.cosine(rows, encoder, lambda _done: None), "length": baselines.length(rows)}
    return evaluate(path.name, graded, scores, Plan(0.6, Resamples(200, 0), show_answers=False, receipt={}))


def test_the_figures_of_marked_answers(found: Evaluation) -> None:
    for method in (found.grader, *found.baselines):
        told = {name: estimate.value for name, estimate in method.estimates.items() if estimate.value is not None}
        print(f"\n{found.source} {method.name:<7}" + "  ".join(f"{name} {value:.2f}" for name, value in told.items()))
    assert found.ungraded == ()
    assert found.grader.answers == sum(one.answers for one in found.questions) > 200
    within = found.grader.estimates["within_pearson"]
    assert within.value is not None
    assert within.value > 0  # better answers are not scored below worse ones
    assert within.low is not None
    assert within.high is not None
    assert within.low <= within.value <= within.high
    assert np.isclose(found.review.by_doubt[0], found.grader.estimates["rmse"].value or 0)
    assert all(ideal <= own + 1e-9 for ideal, own in zip(found.review.ideal, found.review.by_doubt, strict=True))
