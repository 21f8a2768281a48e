"""The command line as its users meet it: output, exit status, and what it does with bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.bank.exchange.formats import read_exchange

GRADER = [sys.executable, "-c", "from grader.cli.app import main; main()"]
ANSWER = "Dropout switches off random neurons during training, which reduces overfitting."


def grader(*arguments: str, text: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    data = text.encode() if isinstance(text, str) else text
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    done = subprocess.run([*GRADER, *arguments], input=data, capture_output=True, env=clean | environment, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


BANK = """
bank: tiny
title: A tiny bank
questions:
  - id: tiny-1
    question: What is dropout?
    references: [Dropout deactivates random neurons during training.]
    criteria:
      - id: deactivates
        statement: Dropout deactivates random neurons.
        keywords: [[deactivate, "switch off"]]
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(BANK, encoding="utf-8")
    return path


@pytest.mark.model
def test_an_answer_is_graded_and_explained(bank: Path, tmp_path: Path) -> None:
    done = grader(
        "grade", "tiny-1", ANSWER, "--banks", str(bank), "--explain", GRADER_CACHE_DIR=str(tmp_path / "cache")
    )
    assert done.returncode == 0, done.stderr
    assert "10 of 10 points  correct  passed" in done.stdout
    assert "✓ met" in done.stdout
    assert ANSWER[:40] in done.stdout
    assert "receipt" in done.stdout
    assert "\x1b[" not in done.stdout
    assert done.stderr == ""


@pytest.mark.model
def test_json_holds_the_grade_and_settings_come_from_the_environment(bank: Path, tmp_path: Path) -> None:
    done = grader(
        "grade", "tiny-1", text=ANSWER,
        GRADER_JSON="1", GRADER_BANKS=str(bank), GRADER_THRESHOLD="0.9", GRADER_DTYPE="fp32",
        GRADER_CACHE_DIR=str(tmp_path / "cache"),
    )  # fmt: skip
    grade = json.loads(done.stdout)
    assert grade["score"] == 1.0
    assert grade["receipt"]["encoder"].endswith("-fp32")
    assert list((tmp_path / "cache").rglob("*.safetensors"))


@pytest.mark.model
def test_a_question_of_no_bank_is_graded(tmp_path: Path) -> None:
    done = grader(
        "grade", "--question", "What is 2 + 2?", "--reference", "The sum is four.", "It is four.", "--json",
        GRADER_CACHE_DIR=str(tmp_path),
    )  # fmt: skip
    assert json.loads(done.stdout)["reasons"][-1] == "drafted_rubric"


@pytest.mark.model
def test_the_doctor_tells_what_was_chosen_and_why() -> None:
    facts = json.loads(grader("doctor", "--json").stdout)
    assert "auto:" in facts["device"]
    assert "auto:" in facts["dtype"]
    assert "verified" in facts["model"]
    assert "measured" in facts["encode rate"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["grade", "ds2-11", "x"], "unknown question 'ds2-11'; nearest: ds25-11, "),
        (["grade"], "give a QUESTION_ID"),
        (["grade", "--question", "Why?", "x"], "at least one --reference"),
        (["grade", "ds25-1", "--reference", "x", "y"], "--reference goes with --question"),
        (["grade", "--question", "Why?", "--reference", "r", "one", "two"], "give the answer alone"),
        (["grade", "ds25-1", "x", "--answer-file", "y"], "give the answer once"),
        (["grade", "ds25-1", "--answer-file", "no/such/file"], "No such file"),
        (["grade", "ds25-1", "x", "--threshold", "2"], "Input should be less than or equal to 1"),
        (["grade", "ds25-1", "x", "--model", "nowhere"], "a hub model is written NAME@REVISION"),
        (["grade", "ds25-1", "x", "--device", "teapot"], "device 'teapot'"),
        (["grade", "ds25-1", "é" * 60, "--max-answer-bytes", "100"], "has 120 bytes of UTF-8; the limit is 100"),
        (["bank", "show", "ds25-99"], "unknown question 'ds25-99'; nearest:"),
        (["bank", "lint", "--quick", "no/such/bank.yaml"], "no/such/bank.yaml: No such file"),
        (["bank", "export", "ds25"], "say which: moodle-xml, gift, csv, json"),
        (["bank", "export", "ds25", "--format", "xml"], "'xml' is none of moodle-xml, gift, csv, json"),
        (["bank", "export", "ds2", "--format", "csv"], "unknown bank 'ds2'; nearest: ds25"),
        (["bank", "export", "no/such.yaml", "--format", "csv"], "no/such.yaml: No such file"),
        (["bank", "export", "ds25", "-o", "no/such/ds25.xml"], "no/such/ds25.xml: cannot be written: No such file"),
        (["bank", "list", "--banks", "no/such/folder"], "no/such/folder: No such file"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_usage_is_told_and_exits_with_two(arguments: list[str], told: str) -> None:
    done = grader(*arguments, COLUMNS="200")
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_an_answer_of_ten_megabytes_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"a " * 5_000_000)
    expected = "error: the answer has 10,000,000 bytes of UTF-8; the limit is 100,000\n"
    assert grader("grade", "ds25-1", "--answer-file", str(path)).stderr == expected
    piped = grader("grade", "ds25-1", text=b"a " * 5_000_000)
    assert (piped.returncode, piped.stderr.count("\n")) == (2, 1)


def test_bytes_that_are_not_text_are_refused() -> None:
    done = grader("grade", "ds25-1", text=b"caf\xe9 is one\xff")
    assert (done.returncode, done.stderr) == (2, "error: the answer is not UTF-8 (byte 3)\n")


def test_every_fault_of_a_bank_is_told_with_its_line(bank: Path) -> None:
    bank.write_text(BANK.replace("title: A tiny bank", "titel: A").replace("keywords:", "weight: 0\n        keywords:"))
    done = grader("bank", "lint", "--quick", str(bank))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: {bank}:2: title: is required",
        f"error: {bank}:11: questions[0].criteria[0].weight: must be > 0",
        f"error: {bank}:3: titel: is not a field here",
    ]


def test_strict_lint_fails_on_a_finding(bank: Path) -> None:
    bank.write_text(BANK.replace('[[deactivate, "switch off"]]', "[[dropout]]"))
    relaxed, strict = (
        grader("bank", "lint", "--quick", str(bank)),
        grader("bank", "lint", "--quick", "--strict", str(bank)),
    )
    assert (relaxed.returncode, strict.returncode) == (0, 1)
    assert "every group stands in the question itself" in strict.stdout
    assert strict.stdout.startswith(f"{bank}:11: questions[0].criteria[0].keywords (tiny-1): ")
    (row,) = json.loads(grader("bank", "lint", "--quick", "--json", str(bank)).stdout)
    assert (row["line"], row["path"]) == (11, "questions[0].criteria[0].keywords")


def test_a_link_is_sought_in_all_banks_at_hand(bank: Path) -> None:
    bank.write_text(f"{BANK}    see_also: [ds25-11, ds25-99]\n")
    told = grader("bank", "lint", "--quick", str(bank)).stdout.splitlines()
    assert told[0].startswith(f"{bank}:12: questions[0].see_also[0] (tiny-1): ds25-11 does not link back (")
    assert told[1].startswith(f"{bank}:12: questions[0].see_also[1] (tiny-1): 'ds25-99' names no question at hand (")
    assert told[2:] == ["1 bank, 2 findings"]


@pytest.mark.parametrize(("suffix", "keeps"), [(".xml", True), (".json", True), (".gift", False), (".csv", False)])
def test_a_bank_is_exported_to_a_file_and_to_stdout(bank: Path, tmp_path: Path, suffix: str, keeps: bool) -> None:
    path = tmp_path / f"tiny{suffix}"
    path.write_text("what was there before")
    refused = grader("bank", "export", str(bank), "-o", str(path))
    assert refused.returncode == 2
    assert "--force overwrites it" in refused.stderr
    done = grader("bank", "export", str(bank), "-o", str(path), "--force", GRADER_CACHE_DIR=str(tmp_path / "cache"))
    assert (done.returncode, done.stdout) == (0, "")
    assert ("left behind: 1 criterion" in done.stderr) is not keeps
    assert f"{path}: 1 question as " in done.stderr
    assert [question.id for question in read_exchange(path).bank.questions] == ["tiny-1"]
    assert sorted(tmp_path.glob(".*")) == []
    named = {".xml": "moodle-xml"}.get(suffix, suffix[1:])
    printed = subprocess.run([*GRADER, "bank", "export", str(bank), "--format", named], capture_output=True, check=True)
    assert printed.stdout == path.read_bytes()


def test_banks_and_questions_are_listed_and_shown() -> None:
    assert "ds25" in grader("bank", "list").stdout
    questions = json.loads(grader("bank", "list", "ds25", "--json").stdout)
    assert [question["id"] for question in questions] == [f"ds25-{number}" for number in range(1, 26)]
    shown = grader("bank", "show", "ds25-11").stdout
    assert "criteria" in shown
    assert "misconceptions" in shown
    assert json.loads(grader("bank", "show", "ds25", "--json").stdout)["bank"] == "ds25"


def test_models_are_listed_and_verified() -> None:
    assert "1110a243fdf4" in grader("models", "list").stdout
    assert grader("models", "verify").stdout == "all-MiniLM-L6-v2: ok: 10 files\nclaims-3: ok: 1 file\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["bank", "list"],
        ["bank", "lint", "--quick"],
        ["bank", "export", "ds25", "--format", "gift"],
        ["models", "list"],
        ["serve", "--help"],
    ],
)
def test_commands_that_need_no_model_import_none(arguments: list[str]) -> None:
    code = (
        "import sys; from grader.cli.app import app; app(standalone_mode=False);"
        "assert not {'torch', 'transformers', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_names_every_command() -> None:
    told = grader("--help").stdout
    commands = "grade evaluate audit train-judge bank questions grades models serve keys store doctor"
    for command in commands.split():
        assert command in told
    assert grader("--version").stdout.startswith("grader 0.")
