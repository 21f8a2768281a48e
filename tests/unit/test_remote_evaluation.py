"""Grades with a language model's verdicts beside the local ones, on the same marks."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from fakes import DROPOUT_BANK, ScriptedRemote

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.evaluation.bootstrap import Resamples
from grader.evaluation.datasets import MarkedAnswer
from grader.evaluation.evaluation import Evaluation, Plan, evaluate
from grader.evaluation.graded import grade_marked
from grader.evaluation.remote import RemoteFigures, RemoteGrades
from grader.grade import RemoteOutcome, Verdict
from grader.grading import Grader
from grader.llm.budget import Prices, Usage
from grader.llm.opinion import Case, Heard, QuotedVerdict, RemoteOpinion, Unscored
from grader.llm.tally import Counting
from grader.text.normalize import Span

MARKED = (
    MarkedAnswer(2, "tiny-1", "", (), "Dropout lets random cells sleep in training.", 1.0, None, None),
    MarkedAnswer(3, "tiny-1", "", (), "Dropout is a kind of optimizer for training.", 0.0, None, None),
    MarkedAnswer(4, "tiny-1", "", (), "Dropout deactivates random neurons during training.", 0.6, None, None),
)


def oracle(case: Case) -> Heard:
    """A model that is right about the first, and busy with the last."""
    verdict = Verdict.MET if "sleep" in case.reading.text else Verdict.MISSING
    if "deactivates" in case.reading.text:
        return Unscored(RemoteOutcome.BUSY, "later")
    judged = QuotedVerdict(verdict, Span(0, 7) if verdict is Verdict.MET else None)
    return RemoteOpinion({one.id: judged for one in case.question.criteria}, {})


@pytest.fixture(scope="module")
def found() -> Evaluation:
    local = Grader(Library([DROPOUT_BANK]), HashingEncoder())
    graded = grade_marked(MARKED, local, lambda _: None)
    remote = grade_marked(MARKED, local.asking(ScriptedRemote(oracle), "always"), lambda _: None)
    counting = Counting(Prices(1.0, 10.0))
    counting.called(Usage(1000, 100), 0.5)
    grades = RemoteGrades("oracle", "always", remote, counting.tally())
    return evaluate("marks", graded, {}, Plan(0.6, Resamples(100, 0), show_answers=True, receipt={}), grades)


def remote_of(found: Evaluation) -> RemoteFigures:
    assert found.remote is not None
    return found.remote


def test_a_model_that_is_right_is_told_to_be_better(found: Evaluation) -> None:
    error, local_error = (method.estimates["rmse"].value for method in (remote_of(found).method, found.grader))
    assert error is not None
    assert local_error is not None
    assert error < local_error
    assert remote_of(found).method.answers == found.grader.answers == 3


def test_agreement_with_the_local_grades_is_told(found: Evaluation) -> None:
    figures = remote_of(found)
    assert 1 <= figures.changed <= 2  # of the third the local grade stands
    assert 0 < figures.difference < 1
    assert figures.agreement is not None
    assert -1 <= figures.agreement < 1


def test_what_it_took_is_told(found: Evaluation) -> None:
    told = json.loads(json.dumps(asdict(remote_of(found)), allow_nan=False))["tally"]
    assert (told["tokens_read"], told["tokens_written"], told["cost"], told["median_seconds"]) == (
        1000,
        100,
        0.002,
        0.5,
    )
