"""`grader batch` as its users meet it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from command import run_grader

GOOD = "Dropout switches off random neurons while training, which reduces overfitting."


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    rows = [["007", "ds25-11", GOOD], ["NA", "ds25-11", "=1+1"], ["8", "ds25-1111", "x"], ["9", "ds25-11", GOOD]]
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=";").writerows([["id", "question_id", "response"], *rows, ["short"]])
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


@pytest.mark.model
def test_a_table_is_graded_told_and_reported(answers: Path, tmp_path: Path) -> None:
    output, report = tmp_path / "graded.csv", tmp_path / "report.html"
    done = run_grader(
        "batch", str(answers), "-o", str(output), "--report", str(report),
        GRADER_CACHE_DIR=str(tmp_path / "cache"), GRADER_JUDGE="off",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    for told in ("cells are divided by semicolon", f"wrote {report}", "5 rows", "not graded: 2 rows"):
        assert told in done.stderr
    rows = rows_of(output)
    assert [row["id"] for row in rows] == ["007", "NA", "8", "9", ""]
    assert rows[0] | {"id": "9"} == rows[3]
    assert rows[1]["response"] == "'=1+1"
    assert "unknown question 'ds25-1111'; nearest: ds25-1, ds25-11" in rows[2]["error"]
    assert rows[4]["error"].startswith("line 6: has 1 cell")
    page = report.read_text(encoding="utf-8")
    assert "Most missed" in page
    assert "(line 6)" in page
    assert "What do you mean by dropout and batch normalization?" in page
    assert not output.with_name("graded.csv.progress").exists()
    again = run_grader("batch", str(answers), "-o", str(output))
    assert (again.returncode, "exists; --force overwrites it" in again.stderr) == (2, True)


@pytest.mark.model
def test_a_pipe_carries_the_table_alone(answers: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from grader.cli.app import main; main()", "batch", "-", "-o", "-"]
    environment = {**os.environ, "GRADER_CACHE_DIR": str(tmp_path), "GRADER_JUDGE": "off"}
    environment["GRADER_OUTPUT_FORMAT"] = "jsonl"
    done = subprocess.run(command, input=answers.read_bytes(), capture_output=True, env=environment, check=True)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [line.get("id") for line in lines] == ["007", "NA", "8", "9", None]
    assert lines[1]["response"] == "=1+1"
    assert (lines[0]["score"] > 0.3, lines[2]["score"]) == (True, None)


@pytest.mark.model
@pytest.mark.parametrize("processes", ["1", "2"])
def test_an_interrupted_batch_says_how_to_go_on_and_does(processes: str, tmp_path: Path) -> None:
    answers, output = tmp_path / "answers.jsonl", tmp_path / "graded.csv"
    lines = [json.dumps({"question_id": "ds25-11", "answer": f"Dropout, {number}."}) for number in range(2600)]
    answers.write_text("\n".join(lines), encoding="utf-8")
    settings = {"GRADER_CACHE_DIR": str(tmp_path / "cache"), "GRADER_JUDGE": "off"}
    progress = tmp_path / "graded.csv.progress"
    command = [sys.executable, "-c", "from grader.cli.app import main; main()", "batch", str(answers)]
    environment = {**os.environ, **settings, "GRADER_OUTPUT": str(output), "GRADER_PROCESSES": processes}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    while process.poll() is None and not (progress.exists() and progress.stat().st_size > 50_000):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130, told
    assert "of 2,600 rows; the same command goes on, --partial writes what is done" in told
    assert not output.exists()

    partial = run_grader("batch", str(answers), "-o", str(output), "--partial", "--json")
    done = json.loads(partial.stdout)["rows"]
    assert 0 < done < 2600
    assert len(rows_of(tmp_path / "graded.partial.csv")) == done

    refused = run_grader("batch", str(answers), "-o", str(output), "--threshold", "0.7", **settings)
    assert (refused.returncode, "progress made with other models or settings: --restart" in refused.stderr) == (2, True)

    ended = run_grader("batch", str(answers), "-o", str(output), **settings)
    assert ended.returncode == 0, ended.stderr
    assert f"going on after {done:,} of 2,600 rows" in ended.stderr
    assert [row["answer"] for row in rows_of(output)] == [f"Dropout, {number}." for number in range(2600)]


def test_sheets_that_are_not_read_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["question_id", "answer"])
    book.create_sheet("Spring")
    book.save(tmp_path / "answers.xlsx")
    done = run_grader("batch", str(tmp_path / "answers.xlsx"), "-o", str(tmp_path / "graded.csv"), "--partial")
    assert "only the first sheet is read, not Spring" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["answers.csv"], "Missing option '--output'"),
        (["absent.csv", "-o", "x.csv"], "absent.csv: No such file or directory"),
        (["answers.csv", "-o", "x.doc"], "x.doc: is no format of tables that is known: .csv, .tsv"),
        (["answers.csv", "-o", "no/x.csv"], "there is no folder no"),
        (["answers.csv", "-o", "x.csv", "--column", "answer"], "--column is written OURS=THEIRS, not 'answer'"),
        (["answers.csv", "-o", "x.csv", "--column", "answer=text"], "text: there is no such column; there are id,"),
        (["answers.csv", "-o", "x.csv", "--strict"], "answers.csv:6: has 1 cell, but the header names 3 columns"),
        (["answers.csv", "-o", "x.csv", "--partial"], "there is no progress in x.csv.progress"),
        (["answers.csv", "-o", "x.csv", "--delimiter", "::"], "--delimiter is one character, or tab, not '::'"),
        (["answers.csv", "-o", "-", "--json"], "--json tells the summary on stdout, where the table goes"),
        (["answers.csv", "-o", "x.csv", "--report", "no/x.html"], "--report: there is no folder no"),
        (["answers.csv", "-o", "x.csv", "--encoding", "klingon"], "is no encoding that is known"),
        (["answers.csv", "-o", "x.csv", "--address", "auto"], "--address: works with --engine ray only"),
        (["answers.csv", "-o", "x.csv", "--actors-per-gpu", "2"], "--actors-per-gpu: works with --engine ray only"),
        (["answers.csv", "-o", "x.csv", "--engine", "ray", "--judge-mode", "review"], "with --engine local only"),
        (["answers.csv", "-o", "x.csv", "--engine", "ray", "--processes", "2"], "works with --engine local only"),
        (["answers.csv", "-o", "x.csv", "--processes", "2", "--judge-mode", "review"], "works with --processes 1 only"),
        (["gopher://host/answers.csv", "-o", "x.csv"], "gopher://host/answers.csv: cannot be fetched: "),
    ],
)
def test_wrong_usage_is_told_before_a_model_is_loaded(
    answers: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(answers.parent)
    done = run_grader("batch", *arguments, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    assert (done.returncode, done.stdout) == (2, "")
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in answers.parent.iterdir()) == ["answers.csv"]
