"""A batch on this machine: what is graded, what is written, and what is gone on with."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batches import CountingGrader, grade_table, process_environment, source_of, target_of, write_answers

from grader.batch.columns import GRADED, carried_names, match_columns
from grader.batch.job import restart, run
from grader.batch.ledger import Ledger
from grader.batch.report import Worded, render_report
from grader.batch.strict import refuse_faults
from grader.batch.summary import summarize
from grader.batch.survey import Choice, survey
from grader.errors import ProgressChanged, ProgressError, ProgressTaken, TableError

RIGHT = "Dropout disables random units in training, which reduces overfitting."
KILLS = int(os.environ.get("GRADER_KILLS", "3"))


@pytest.fixture
def grader() -> CountingGrader:
    return CountingGrader()


def save(folder: Path, text: str, name: str = "answers.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def graded(path: Path, grader: CountingGrader, choice: Choice | None = None, **mapping: str) -> list[dict[str, str]]:
    output = path.with_name("graded.csv")
    assert grade_table(source_of(path, choice, **mapping), target_of(output), grader)
    return rows_of(output)


def test_rows_keep_their_columns_and_get_grades(tmp_path: Path, grader: CountingGrader) -> None:
    path = save(tmp_path, f"extra,answer,question_id\n007,{RIGHT.replace(',', '')},tiny-1\nNA,no,tiny-1\n")
    first, second = graded(path, grader)
    assert list(first) == ["extra", "answer", "question_id", *GRADED]
    assert (first["extra"], first["score"], first["label"], first["passed"]) == ("007", "1.0", "correct", "true")
    assert (second["extra"], second["score"], second["missing"]) == ("NA", "0.0", "deactivates ||| less-overfitting")
    assert (first["error"], second["error"]) == ("", "")


def test_what_cannot_be_graded_is_an_error_in_its_place(tmp_path: Path, grader: CountingGrader) -> None:
    text = "id,question_id,question,reference,answer\n"
    text += "a,nowhere,,,x\nb,,,,x\nshort\nc,,,It is so.,x\n" + f'd,,Why?,"{"||| r " * 51}",x\ne,tiny-1,,,{RIGHT[:7]}\n'
    rows = graded(save(tmp_path, text), grader)
    assert [row["id"] for row in rows] == ["a", "b", "", "c", "d", "e"]
    assert [row["score"] for row in rows] == ["", "", "", "", "", "0.0"]
    told = [row["error"] for row in rows]
    assert told[0].startswith("unknown question 'nowhere'; nearest: tiny-")
    assert told[1] == "line 3: question_id: is empty: a question's id is wanted, or a question and a reference"
    assert told[2].startswith("line 4: has 1 cell")
    assert told[3] == "line 5: reference: stands without a question"
    assert told[4].startswith("question: references: ")


def test_a_row_with_references_is_graded_by_those(tmp_path: Path, grader: CountingGrader) -> None:
    text = "question_id,question,references,answer\ntiny-1,Why?,Air scatters blue. ||| Because of air.,x\n"
    graded(save(tmp_path, text), grader)
    (asked,) = grader.asked
    assert (asked.question_id, asked.question) == (None, "Why?")
    assert asked.references == ("Air scatters blue.", "Because of air.")


def test_equal_answers_to_one_question_are_graded_once(tmp_path: Path, grader: CountingGrader) -> None:
    answers = ["same,tiny-1", "same,tiny-2", "other,tiny-1", *["same,tiny-1"] * 9000]
    rows = graded(save(tmp_path, "answer,question_id\n" + "\n".join(answers) + "\n"), grader)
    assert (len(rows), len(grader.asked)) == (9003, 3)
    assert rows[0] == rows[-1]


def test_order_is_that_of_the_input_whatever_the_lengths(tmp_path: Path, grader: CountingGrader) -> None:
    lengths = [number * 7 % 39 + 1 for number in range(700)]
    text = "".join(f"{number},tiny-1,{'drop ' * length}\n" for number, length in enumerate(lengths))
    rows = graded(save(tmp_path, f"id,question_id,answer\n{text}"), grader)
    assert [row["id"] for row in rows] == [str(number) for number in range(700)]


def test_other_names_are_known_and_any_can_be_given(tmp_path: Path, grader: CountingGrader) -> None:
    path = save(tmp_path, "Question ID,Submitted_Answer,Response,score\ntiny-1,x,y,5\n")
    with pytest.raises(TableError, match=r"Response and Submitted_Answer could each be it; say which: --column answer"):
        graded(path, grader)
    (row,) = graded(path, grader, answer="Response")
    assert (grader.asked[0].answer, row["input_score"], row["score"]) == ("y", "5", "0.0")


@pytest.mark.parametrize(
    ("present", "mapping", "told"),
    [
        (
            ["question_id", "text"],
            {},
            "answer: there is no such column (or response, submitted_answer, student_answer), there are question_id, ",
        ),
        (["answer", "question"], {}, "question_id: there is no such column, nor question and reference"),
        (["answer", "question_id"], {"answer": "Text"}, "Text: there is no such column; there are answer, question_id"),
    ],
)
def test_a_column_that_is_missing_is_told(present: list[str], mapping: dict[str, str], told: str) -> None:
    with pytest.raises(TableError) as caught:
        match_columns(present, mapping, "a.csv")
    assert told in str(caught.value)


def test_columns_of_ours_in_the_input_are_kept_under_another_name_or_replaced() -> None:
    assert carried_names(["score", "input_score", "error"]) == {
        "score": "input_input_score",
        "input_score": "input_score",
        "error": "input_error",
    }
    assert carried_names(["id", *GRADED]) == {"id": "id"}
    assert carried_names(["id", *(name for name in GRADED if name != "remote_judge")]) == {"id": "id"}


def test_a_graded_table_graded_again_is_the_same(tmp_path: Path, grader: CountingGrader) -> None:
    path = tmp_path / "answers.csv"
    write_answers(path, 60)
    first = graded(path, grader)
    again = (tmp_path / "graded.csv").rename(tmp_path / "first.csv")
    second = graded(again, grader)
    same = [(one, other) for one, other in zip(first, second, strict=True) if one["id"]]
    assert [one for one, _ in same] == [other for _, other in same]


def test_limit_and_sample_choose_rows(tmp_path: Path, grader: CountingGrader) -> None:
    text = "".join(f"{number},tiny-1,x{number}\n" for number in range(100))
    path = save(tmp_path, f"id,question_id,answer\n{text}")
    assert [row["id"] for row in graded(path, grader, Choice(limit=3))] == ["0", "1", "2"]
    picked = [int(row["id"]) for row in graded(path, grader, Choice(limit=50, sample=10, seed=1))]
    assert (len(picked), picked, max(picked) < 50) == (10, sorted(picked), True)
    assert [int(row["id"]) for row in graded(path, grader, Choice(limit=50, sample=10, seed=1))] == picked
    assert [int(row["id"]) for row in graded(path, grader, Choice(limit=50, sample=10, seed=2))] != picked


def test_a_strict_table_is_refused_for_rows_that_cannot_be_read_or_asked(tmp_path: Path) -> None:
    path = save(tmp_path, "question_id,answer\ntiny-1,x\nshort\n,y\ntiny-2,z\n")
    source = source_of(path)
    with pytest.raises(TableError) as caught:
        refuse_faults(source, survey(path, source.layout, source.name))
    assert [(one.line, one.path) for one in caught.value.faults] == [(3, ""), (4, "question_id")]
    refuse_faults(source_of(path, Choice(limit=1)), survey(path, source.layout, source.name, 1))


def test_only_errors_leaves_out_what_was_graded(tmp_path: Path, grader: CountingGrader) -> None:
    path = save(tmp_path, "id,question_id,answer\n1,tiny-1,x\n2,nowhere,x\n3\n")
    grade_table(source_of(path), target_of(tmp_path / "errors.jsonl", only_errors=True), grader)
    lines = [json.loads(line) for line in (tmp_path / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line.get("id") for line in lines] == ["2", None]


def test_json_lines_may_each_have_their_own_members(tmp_path: Path, grader: CountingGrader) -> None:
    text = '{"answer": "x", "question_id": "tiny-1", "a": [1]}\n{"question_id": "tiny-1", "b": 2}\n'
    first, second = graded(save(tmp_path, text, "answers.jsonl"), grader)
    assert list(first)[:4] == ["answer", "question_id", "a", "b"]
    assert (first["a"], first["b"], second["b"], second["error"]) == ("[1]", "", "2", "line 2: answer: is missing")


def test_a_stopped_batch_goes_on_and_ends_as_one_that_was_not(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    write_answers(path, 700)
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    assert grade_table(source_of(path), target_of(whole), CountingGrader())
    asked, runs = 0, 0
    complete = False
    while not complete:
        grader = CountingGrader()
        stops = iter([False, True])
        complete = grade_table(source_of(path), target_of(parts), grader, lambda: next(stops))  # noqa: B023 (used at once)
        assert parts.is_file() == complete
        asked += len(grader.asked)
        runs += 1
    assert runs > 2
    assert parts.read_bytes() == whole.read_bytes()
    reference = CountingGrader()
    grade_table(source_of(path), target_of(tmp_path / "third.csv"), reference)
    assert asked == len(reference.asked)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["answers.csv", "parts.csv", "third.csv", "whole.csv"]


def stopped(folder: Path) -> Path:
    """A batch that was stopped after its first window."""
    path = folder / "answers.csv"
    write_answers(path, 800)
    stops = iter([False, True])
    assert not grade_table(source_of(path), target_of(folder / "graded.csv"), CountingGrader(), lambda: next(stops))
    return path


def test_what_changed_is_named_and_refused_until_restarted(tmp_path: Path, grader: CountingGrader) -> None:
    path, target = stopped(tmp_path), target_of(tmp_path / "graded.csv")
    with pytest.raises(ProgressChanged, match="made with other models or settings: --restart"):
        grade_table(source_of(path), target, grader, models="others")
    with pytest.raises(ProgressChanged, match="made with other banks: --restart"):
        grade_table(source_of(path), target, grader, banks="2")
    with pytest.raises(ProgressChanged, match="other choice of rows"):
        grade_table(source_of(path, Choice(limit=700)), target, grader)
    path.write_bytes(path.read_bytes().replace(b"times", b"Times"))
    with pytest.raises(ProgressChanged, match="other input:"):
        grade_table(source_of(path), target, grader)
    assert grader.asked == []
    restart(target.ledger)
    assert grade_table(source_of(path), target, grader)


def test_a_batch_is_one_process_at_a_time(tmp_path: Path, grader: CountingGrader) -> None:
    path, target = stopped(tmp_path), target_of(tmp_path / "graded.csv")
    with Ledger.open(target.ledger), pytest.raises(ProgressTaken, match="another run is at this batch"):
        grade_table(source_of(path), target, grader)
    with Ledger.open(target.ledger), pytest.raises(ProgressTaken):
        restart(target.ledger)


def test_a_file_that_is_no_ledger_is_told_and_thrown_away_by_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "graded.csv.progress"
    path.write_bytes(b"no database" * 99)
    with pytest.raises(ProgressError, match="is no progress of a batch"), Ledger.open(path):
        pass
    restart(path)
    assert not path.exists()


def test_killed_at_any_moment_it_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    path, whole, output = tmp_path / "answers.csv", tmp_path / "whole.csv", tmp_path / "graded.csv"
    write_answers(path, 1500)
    grade_table(source_of(path), target_of(whole), CountingGrader())
    ledger = target_of(output).ledger
    command = [sys.executable, str(Path(__file__).parent.parent / "batches.py"), str(path), str(output)]
    moments, killed = random.Random(KILLS), 0  # noqa: S311 (moments, no secret)
    for _ in range(KILLS):
        process = subprocess.Popen(command, env=process_environment())
        while not ledger.exists() and process.poll() is None and not output.exists():
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.5))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        if output.exists():  # it was quicker, or was killed while it threw its progress away
            assert output.read_bytes() == whole.read_bytes()
            output.unlink()
            restart(ledger)
    subprocess.run(command, env=process_environment(), check=True)
    print(f"\nkilled {killed} times")
    assert killed
    assert output.read_bytes() == whole.read_bytes()


def test_the_summary_and_the_report_tell_what_was_graded(tmp_path: Path) -> None:
    text = (
        f'id,question_id,answer\n1,tiny-1,"{RIGHT}"\n2,tiny-1,<b>Dropout</b> makes\n3,tiny-2,Mars and Venus\n4,no,x\n'
    )
    path = save(tmp_path, text)
    source, target = source_of(path), target_of(tmp_path / "graded.csv")
    found = survey(path, source.layout, source.name)
    with Ledger.open(target.ledger) as ledger:
        assert run(source, found, CountingGrader(), ledger, lambda _: None)
        summary = summarize(ledger.finished(), "answer", detailed=True)
    assert (summary.rows, summary.errors, sum(summary.histogram)) == (4, 1, 3)
    assert sum(summary.labels.values()) == 3
    assert [(one.question, one.answers) for one in summary.questions] == [("tiny-1", 2), ("tiny-2", 1)]
    assert summary.questions[0].missing == (("deactivates", 1), ("less-overfitting", 1))
    assert summary.error_kinds == (("unknown question 'no'; nearest: tiny-1, tiny-2", 1, 5),)
    page = render_report(
        summary, "<answers>.csv", {"tiny-1": Worded("What does <dropout> do?", {"deactivates": "Off."})}
    )
    assert "What does &lt;dropout&gt; do?" in page
    assert ">Off. <" in page
    assert "(line 5)" in page
    assert "&lt;answers&gt;.csv" in page
    assert "<b>Dropout" not in page
    assert "less-overfitting" in page
    assert not any(mark in page for mark in ("<script", "http://", "https://", "<link", "@import"))
