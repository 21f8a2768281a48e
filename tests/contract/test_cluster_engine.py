"""The cluster engine beside the local one, on a real Ray cluster of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow
import pyarrow.parquet
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

from grader.batch.cluster.share import Share
from grader.batch.job import Engine
from grader.batch.survey import Choice
from grader.batch.tables.reading import open_table
from grader.batch.worker import Identity, Make, identify
from grader.errors import EngineError

ROWS = 1500
ALL, WHOLE = Share(cores=1), Share(cores=2)  # two processes grade, or one


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two processes may grade at a time."""
    import ray  # noqa: PLC0415 (it takes a second, and the other tests do without)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", process_environment()["PYTHONPATH"])
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        yield
        ray.shutdown()


def engine(make: Make = make_grader, share: Share = ALL, identity: Identity | None = None) -> Engine:
    from grader.batch.cluster.engine import cluster_engine  # noqa: PLC0415 (as above)

    return cluster_engine(make, share, identity or identify(make_grader))


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    write_answers(path, ROWS)
    return path


def graded_here(path: Path, choice: Choice | None = None) -> bytes:
    target = target_of(path.with_name(f"here{path.suffix}"))
    assert grade_table(source_of(path, choice), target, CountingGrader())
    return target.output.read_bytes()


def test_both_engines_write_the_same_table(answers: Path) -> None:
    """Line ends and quotes in answers, equal answers, rows at fault, questions that no bank has."""
    target = target_of(answers.with_name("there.csv"))
    assert grade_table_by(engine(), source_of(answers), target)
    assert target.output.read_bytes() == graded_here(answers)
    assert not target.ledger.exists()


def test_a_process_that_is_killed_loses_no_row_and_grades_none_twice(tmp_path: Path, answers: Path) -> None:
    """A sample of a Parquet file, with columns of several kinds."""
    with open_table(answers, source_of(answers).layout) as table:
        rows = [{**row.cells, "number": row.line, "half": row.line / 2} for row in table.rows]
    path, choice = tmp_path / "answers.parquet", Choice(limit=1400, sample=1000, seed=3)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    killed, target = tmp_path / "killed", target_of(tmp_path / "there.parquet")
    assert grade_table_by(engine(partial(MortalGrader, killed, "100")), source_of(path, choice), target)
    assert killed.exists()
    assert target.output.read_bytes() == graded_here(path, choice)


def test_a_batch_that_was_stopped_goes_on_by_either_engine(tmp_path: Path, answers: Path) -> None:
    target = target_of(tmp_path / "parts.csv")
    stops = iter([False, False, True])
    assert not grade_table_by(engine(share=WHOLE), source_of(answers), target, lambda: next(stops))
    assert target.ledger.exists()
    stops = iter([False, True])
    assert not grade_table(source_of(answers), target, CountingGrader(), lambda: next(stops))
    assert grade_table_by(engine(share=WHOLE), source_of(answers), target)
    assert target.output.read_bytes() == graded_here(answers)


def test_processes_that_would_grade_otherwise_are_refused(tmp_path: Path, answers: Path) -> None:
    other = Identity("0.0", {"encoder": "another-fp32"})
    with pytest.raises(
        EngineError, match=r"^machines of the cluster .* differently: 0\.0 with encoder another-fp32 and "
    ):
        grade_table_by(engine(share=WHOLE, identity=other), source_of(answers), target_of(tmp_path / "there.csv"))


def test_a_process_tells_its_identity_or_why_it_has_none() -> None:
    from grader.batch.cluster.engine import ask_identity  # noqa: PLC0415 (as above)

    assert ask_identity(make_grader, ALL) == identify(make_grader)
    with pytest.raises(EngineError, match=r"^no model of that name$"):
        ask_identity(make_none, ALL)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ray://127.0.0.1:10001", "start it there, with --address auto, or by ray job submit"),
        ("127.0.0.1:1", "127.0.0.1:1: no cluster answers: "),
        ("somewhere", "'somewhere' is no address of a cluster: HOST:PORT, or auto"),
    ],
)
def test_an_address_where_no_cluster_is_to_be_reached_is_told(address: str, told: str) -> None:
    """By another process: this one is in a cluster."""
    done = subprocess.run(
        [sys.executable, "-c", _CONNECT, address],
        capture_output=True, text=True, check=False, env={**os.environ, **process_environment()},
    )  # fmt: skip
    assert told in done.stdout, done.stderr


_CONNECT = """
import sys
from grader.batch.cluster.connection import connected
from grader.errors import EngineError
try:
    with connected(sys.argv[1]):
        pass
except EngineError as error:
    print(error)
"""
