"""`grader calibrate` as its users meet it, and the scale that the other verbs take."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command import run_grader

ASKED = ("sky", "Why is the sky blue?", "Air scatters blue light more than red light.")
ANSWERS = [
    ("Because the air scatters blue light more than red light.", "0.6"),
    ("Blue light is scattered the most.", "0.5"),
    ("It scatters blue light.", "0.4"),
    ("Light is scattered by the air.", "0.3"),
    ("Air scatters light, the blue more than the red.", "0.6"),
    ("The sea is mirrored in it.", "0"),
]
OF_BANKS = [("ds25-11", "", "", "Dropout disables random neurons in training.", "1")]
SCALED = {"GRADER_JUDGE": "off"}


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("question_id", "question", "reference", "answer", "human_score"), *rows])
    return path


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return write(tmp_path / "marks.csv", [*((*ASKED, *answer) for answer in ANSWERS), *OF_BANKS])


@pytest.mark.model
def test_a_strict_marker_is_told_written_and_followed(marks: Path, tmp_path: Path) -> None:
    output, cache = tmp_path / "scale.json", str(tmp_path / "cache")
    done = run_grader("calibrate", str(marks), "-o", str(output), "--curve", GRADER_CACHE_DIR=cache, **SCALED)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"wrote {output}\n"
    assert "marks.csv: 7 marks of 2 questions, 1 moved" in done.stdout
    assert "too few marks" in done.stdout
    assert "marks a question" in done.stdout
    asked = ("--question", ASKED[1], "--reference", ASKED[2], ANSWERS[0][0], "--json")
    plain = json.loads(run_grader("grade", *asked, GRADER_CACHE_DIR=cache, **SCALED).stdout)
    moved = json.loads(run_grader("grade", *asked, GRADER_CACHE_DIR=cache, GRADER_SCALE=str(output), **SCALED).stdout)
    assert moved["score"] < plain["score"]
    assert (plain["receipt"]["scale"], len(moved["receipt"]["scale"])) == (None, 64)
    evaluated = run_grader(
        "evaluate", str(marks), "--scale", str(output), "--json", "--no-baselines", "--resamples", "100",
        GRADER_CACHE_DIR=cache, **SCALED,
    )  # fmt: skip
    assert json.loads(evaluated.stdout)["receipt"]["scale"] == moved["receipt"]["scale"]
    table = run_grader(
        "batch", str(marks), "-o", "-", "--output-format", "jsonl", "--scale", str(output),
        GRADER_CACHE_DIR=cache, **SCALED,
    )  # fmt: skip
    first = json.loads(table.stdout.splitlines()[0])
    assert (first["answer"], first["score"]) == (ANSWERS[0][0], pytest.approx(moved["score"], abs=2e-4))


@pytest.mark.model
def test_json_holds_each_question_and_the_scale_is_that_of_marks_from_any_range(marks: Path, tmp_path: Path) -> None:
    tens = [(*ASKED, answer, str(10 * float(mark))) for answer, mark in ANSWERS]
    other = write(tmp_path / "tens.csv", tens)
    cache = str(tmp_path / "cache")
    one, ten = (
        json.loads(run_grader("calibrate", str(file), "--json", GRADER_CACHE_DIR=cache, **SCALED, **more).stdout)
        for file, more in ((marks, {}), (other, {"GRADER_MARKS": "0:10"}))
    )
    sky, of_bank = one["questions"]
    assert sky["scale"] == pytest.approx(ten["questions"][0]["scale"], abs=2e-4)
    assert (sky["question_id"], sky["marks"], sky["moved"], sky["bank"]) == ("sky", 6, True, None)
    assert sky["after"] < sky["before"]
    assert (of_bank["question_id"], of_bank["bank"], of_bank["scale"]) == ("ds25-11", "ds25", None)
    assert one["curve"] == []


@pytest.mark.model
def test_one_mark_a_question_is_too_few(tmp_path: Path) -> None:
    file = write(tmp_path / "few.csv", [(*ASKED, *ANSWERS[0]), *OF_BANKS])
    done = run_grader("calibrate", str(file), GRADER_CACHE_DIR=str(tmp_path / "cache"), **SCALED)
    assert done.returncode == 2
    assert "few.csv: human_score: no question has 2 marks or more" in done.stderr


@pytest.mark.parametrize(
    ("row", "arguments", "told"),
    [
        (("ds25-111", "", "", "It drops.", "1"), [], "no bank at hand holds the question: unknown question 'ds25-111'"),
        (
            (*ASKED, "It drops.", "3"),
            [],
            ":9: human_score: 3 lies outside 0 to 1; for other marks give --marks MIN:MAX",
        ),
        ((*ASKED, "It drops.", "1"), ["--marks", "2"], "--marks is written MIN:MAX"),
        ((*ASKED, "It drops.", "1"), ["-o", "pyproject.toml"], "pyproject.toml exists; --force overwrites it"),
    ],
)
def test_wrong_usage_is_told_before_a_model_is_loaded(
    marks: Path, checkout: Path, row: tuple[str, ...], arguments: list[str], told: str
) -> None:
    with marks.open("a", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerow(row)
    given = [str(checkout / "pyproject.toml") if part == "pyproject.toml" else part for part in arguments]
    done = run_grader("calibrate", str(marks), *given, GRADER_MODEL="no-such-model")
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_range_of_marks_is_no_scale(marks: Path) -> None:
    done = run_grader("evaluate", str(marks), "--scale", "0:5")
    assert done.returncode == 2
    assert "the range of marks is told by --marks 0:5" in " ".join(done.stderr.split())


@pytest.mark.parametrize("verb", [("grade", "ds25-11", "It drops."), ("audit", "ds25")])
def test_a_scale_that_is_none_is_told(marks: Path, verb: tuple[str, ...]) -> None:
    done = run_grader(*verb, "--scale", str(marks))
    assert done.returncode == 2
    assert "is no scale that grader calibrate wrote" in done.stderr
