"""`grader train-judge` as its users meet it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command import run_grader

from grader.encoders.judge import load_judge

COLUMNS = ("question_id", "question", "reference", "answer", "human_score")
QUESTIONS = (
    ("sky", "Why is the sky blue?", "Air scatters blue light more than red light."),
    ("ice", "Why does ice float?", "Ice is less dense than water."),
)
ANSWERS = (
    ("Because blue light is scattered more than red light by air.", "1"),
    ("Since it is less dense than the water around it.", "0"),
    ("It simply is so.", "0"),
    ("Because the sea is mirrored in it.", "0.5"),
)


def write(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return write(tmp_path / "marks.csv", *((*asked, *answer) for asked in QUESTIONS for answer in ANSWERS))


@pytest.mark.model
def test_a_judge_is_trained_told_and_used(marks: Path, tmp_path: Path, cache: str) -> None:
    output = tmp_path / "mine.safetensors"
    done = run_grader(
        "train-judge", str(output), "--marked", str(marks), "--limit", "3", "--passes", "1", "--json",
        GRADER_CACHE_DIR=cache,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert (told["trained"], told["held"], told["steps"], told["resumed"]) == (5, 4, 1, 0)
    assert [(one["name"], one["trained"]) for one in told["sources"]] == [("marks", 3), ("rehearsal", 2)]
    assert done.returncode == int(not told["better"])
    assert f"before: {told['before']['right']:.0%}".replace("%", " %") in done.stderr
    assert ("did not get better" in done.stderr) == (not told["better"])
    assert sorted(path.name for path in tmp_path.glob("mine*")) == ["mine.safetensors"]
    found = load_judge(str(output), "cpu", "auto").judge([(QUESTIONS[0][2], ANSWERS[0][0])])
    assert found.sum() == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nothing to learn from: give --marked, --bank, --sentences, --answered or --entailment"),
        (("--bank", "ds26"), "unknown bank 'ds26'; nearest: ds25"),
        (("--bank", "ds25", "--dtype", "fp16"), "train in bf16 or fp32"),
        (("--bank", "ds25", "--start", "claims-9"), "judge 'claims-9': neither a registered judge"),
        (("--marked", "none.csv"), "none.csv: No such file or directory"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, cache: str, arguments: tuple[str, ...], told: str) -> None:
    done = run_grader("train-judge", str(tmp_path / "mine.safetensors"), *arguments, GRADER_CACHE_DIR=cache)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mine.pt", "mine.pt must end in .safetensors"),
        ("none/mine.safetensors", "there is no folder"),
        ("there.safetensors", "exists; --force overwrites it"),
    ],
)
def test_where_no_judge_can_be_written_is_told_first(marks: Path, tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "there.safetensors").write_bytes(b"kept")
    done = run_grader("train-judge", str(tmp_path / name), "--marked", str(marks), GRADER_MODEL="no-such-model")
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert (tmp_path / "there.safetensors").read_bytes() == b"kept"


def test_marks_that_teach_nothing_are_told(tmp_path: Path, cache: str) -> None:
    file = write(tmp_path / "marks.csv", (*QUESTIONS[0], "Because it is.", "0.75"))
    done = run_grader("train-judge", str(tmp_path / "mine.safetensors"), "--marked", str(file), GRADER_CACHE_DIR=cache)
    assert done.returncode == 2
    assert "no example is left to train on" in " ".join(done.stderr.split())
