"""The engine of several processes beside the local one, on real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from batches import (
    CountingGrader,
    MortalGrader,
    grade_table,
    grade_table_by,
    make_grader,
    make_none,
    process_environment,
    source_of,
    target_of,
    write_answers,
)

from grader.batch.processes import Processes, started
from grader.batch.worker import identify
from grader.errors import EngineError

ROWS = 1500


@pytest.fixture(scope="module", autouse=True)
def importable() -> Iterator[None]:
    """Other processes find what makes their graders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", process_environment()["PYTHONPATH"])
        yield


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    with started(make_grader, 2) as processes:
        yield processes


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    write_answers(path, ROWS)
    return path


def graded_here(path: Path) -> bytes:
    target = target_of(path.with_name(f"here{path.suffix}"))
    assert grade_table(source_of(path), target, CountingGrader())
    return target.output.read_bytes()


def test_processes_write_the_table_that_one_process_writes(two: Processes, answers: Path) -> None:
    """Line ends and quotes in answers, equal answers, rows at fault, questions that no bank has."""
    target = target_of(answers.with_name("there.csv"))
    assert grade_table_by(two.engine(256), source_of(answers), target)
    assert target.output.read_bytes() == graded_here(answers)


def test_what_was_stopped_goes_on_with_another_number_of_processes(two: Processes, answers: Path) -> None:
    target = target_of(answers.with_name("parts.csv"))
    stops = iter([False, False, True])
    assert not grade_table_by(two.engine(256), source_of(answers), target, lambda: next(stops))
    stops = iter([False, True])
    assert not grade_table(source_of(answers), target, CountingGrader(), lambda: next(stops))
    assert grade_table_by(two.engine(256), source_of(answers), target)
    assert target.output.read_bytes() == graded_here(answers)


def test_a_process_that_dies_ends_the_batch_with_its_reason_and_loses_nothing(
    two: Processes, tmp_path: Path, answers: Path
) -> None:
    target = target_of(tmp_path / "there.csv")
    mortal = partial(MortalGrader, tmp_path / "killed", "100")
    with (
        started(mortal, 1) as one,
        pytest.raises(EngineError, match=r"^a process that grades has ended: .* the same command goes on"),
    ):
        grade_table_by(one.engine(256), source_of(answers), target)
    assert grade_table_by(two.engine(256), source_of(answers), target)
    assert target.output.read_bytes() == graded_here(answers)


def test_what_dies_when_everything_is_stopped_is_no_failure(tmp_path: Path, answers: Path) -> None:
    """A signal to a whole group of processes ends those that grade, and asks this one to stop."""
    killed, target = tmp_path / "killed", target_of(tmp_path / "there.csv")
    with started(partial(MortalGrader, killed, "100"), 1) as one:
        assert not grade_table_by(one.engine(256), source_of(answers), target, killed.exists)
    assert target.ledger.exists()


def test_processes_tell_their_identity_or_why_they_have_none(two: Processes) -> None:
    assert two.identity == identify(make_grader)
    with pytest.raises(EngineError, match=r"^no model of that name$"), started(make_none, 2):
        raise AssertionError


def test_processes_end_with_the_one_that_began_them() -> None:
    command, environment = [sys.executable, "-c", _BEGIN], {**os.environ, **process_environment()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as began:
        assert began.stdout is not None
        child = int(began.stdout.readline())
        assert _lives(child)
        began.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(process: int) -> bool:
    """Whether it runs; one that has ended and was not waited for does not."""
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


_BEGIN = """
import multiprocessing, time
from batches import make_grader
from grader.batch.processes import started
with started(make_grader, 1):
    print(multiprocessing.active_children()[0].pid, flush=True)
    time.sleep(600)
"""
