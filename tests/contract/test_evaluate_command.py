"""`grader evaluate` as its users meet it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command import run_grader

ROWS = [
    (
        "q1",
        "What is dropout?",
        "Dropout switches off random neurons while training.",
        "It turns random units off.",
        "2",
    ),
    ("q1", "What is dropout?", "Dropout switches off random neurons while training.", "A kind of optimizer.", "0"),
    ("q1", "What is dropout?", "Dropout switches off random neurons while training.", "NA", "0"),
    ("ds25-11", "", "", "Dropout disables random neurons in training.", "1"),
    ("ds25-1", "", "", "It is a very popular thing.", "0"),
]


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    path = tmp_path / "marks.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("question_id", "question", "reference", "answer", "human_score"), *ROWS])
    return path


@pytest.mark.model
def test_a_file_is_graded_compared_and_told(marks: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = run_grader(
        "evaluate", str(marks), "--marks", "0:2", "--report", str(report), "--resamples", "100",
        GRADER_CACHE_DIR=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "marks.csv: 5 answers to 3 questions" in done.stdout
    for told in ("r within", "grader", "cosine", "TF-IDF", "shared words", "length alone", "furthest from the mark"):
        assert told in done.stdout
    assert done.stderr == f"wrote {report}\n"
    assert "A kind of optimizer." in report.read_text(encoding="utf-8")


@pytest.mark.model
def test_json_holds_everything_and_no_answers_where_none_are_wanted(marks: Path, tmp_path: Path) -> None:
    done = run_grader(
        "evaluate", str(marks), "--json", "--no-answers", "--no-baselines",
        GRADER_CACHE_DIR=str(tmp_path), GRADER_MARKS="0:2", GRADER_RESAMPLES="100",
        GRADER_PASS_MARK="0.5",  # noqa: S106 (the pass mark of a test, no password)
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert (found["rows"], found["baselines"], found["pass_mark"]) == (5, [], 0.5)
    assert found["grader"]["estimates"]["rmse"]["value"] >= 0
    assert {one["answer"] for one in found["disagreements"]} == {None}
    assert "optimizer" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--marks", "2"], "--marks is written MIN:MAX with two numbers, as in 0:5, not '2'"),
        (["--marks", "5:0"], "--marks is written MIN:MAX"),
        (["--marks", "0:2", "--report", "no/such/folder/x.html"], "--report: there is no folder no/such/folder"),
        (["--marks", "0:2", "--resamples", "3"], "Input should be greater than or equal to 100"),
        ([], "marks.csv:2: human_score: 2 lies outside 0 to 1; for other marks give --marks MIN:MAX"),
    ],
)
def test_wrong_usage_is_told_before_a_model_is_loaded(marks: Path, arguments: list[str], told: str) -> None:
    done = run_grader("evaluate", str(marks), *arguments)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_row_without_a_reference_names_the_nearest_questions(marks: Path) -> None:
    marks.write_text(marks.read_text(encoding="utf-8").replace("ds25-11", "ds25-111"), encoding="utf-8")
    done = run_grader("evaluate", str(marks), "--marks", "0:2")
    assert done.returncode == 2
    assert "marks.csv:5: reference: is empty, and no bank at hand holds the question: unknown question" in done.stderr
    assert "ds25-11," in done.stderr
