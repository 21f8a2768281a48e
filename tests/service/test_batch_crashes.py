"""Batches outlive their processes: killed at any moment, or several at work, every row is graded once.

`GRADER_KILLS` and `GRADER_KILLED_ROWS` set how often and at what size; `make kills-api` takes more of both.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

import httpx2
import pytest
from batches import CountingGrader, grade_table, source_of, target_of, write_answers
from grader_api.store.database import Database
from grader_api.store.log import verify
from grader_api.store.tables import BATCH_PORTIONS
from sqlalchemy import func, select

from service.conftest import serving

KILLS = int(os.environ.get("GRADER_KILLS", "2"))
ROWS = int(os.environ.get("GRADER_KILLED_ROWS", "1200"))
SOON = {"GRADER_REPLICA_TIMEOUT_S": "1"}
CSV = {"Content-Type": "text/csv"}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A table, and what it becomes when nothing happens."""
    folder = tmp_path_factory.mktemp("table")
    write_answers(folder / "in.csv", ROWS)
    assert grade_table(source_of(folder / "in.csv"), target_of(folder / "out.csv"), CountingGrader())
    return (folder / "in.csv").read_bytes(), (folder / "out.csv").read_bytes()


def ended(address: str, batch_id: str) -> dict[str, Any]:
    until = time.monotonic() + 60 + ROWS / 50
    while time.monotonic() < until:
        found: dict[str, Any] = httpx2.get(f"{address}/v1/batches/{batch_id}").json()
        if found["status"] in {"completed", "failed"}:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def some_more(address: str, batch_id: str, before: int) -> int:
    """How many rows are graded when there are more than before, or all."""
    while True:
        found = httpx2.get(f"{address}/v1/batches/{batch_id}").json()
        done = found["request_counts"]["completed"]
        if done > before or found["status"] == "completed":
            return int(done)
        time.sleep(0.02)


def check(address: str, batch: dict[str, Any], url: str, graded: bytes) -> None:
    """Every row is there and counted once, as if nothing had happened."""
    counts = batch["request_counts"]
    assert batch["status"] == "completed"
    assert counts["total"] == counts["completed"] + counts["failed"]
    assert httpx2.get(f"{address}/v1/batches/{batch['id']}/output", timeout=60).content == graded
    database = Database(url)
    with database.read() as connection:
        assert verify(connection) == []
        portions = connection.execute(select(func.count()).select_from(BATCH_PORTIONS)).scalar_one()
    database.close()
    assert portions == -(-counts["total"] // 128)


def test_killed_at_any_moment_a_batch_goes_on_by_itself(database_url: str, table: tuple[bytes, bytes]) -> None:
    content, graded = table
    chance = random.Random(KILLS)  # noqa: S311 (moments)
    batch_id, seen = "", list[int]()
    for kill in range(KILLS + 1):
        with serving(database_url, **SOON) as server:
            if not batch_id:
                made = httpx2.post(f"{server.address}/v1/batches", content=content, headers=CSV)
                batch_id = made.raise_for_status().json()["id"]
            if kill < KILLS:
                seen.append(some_more(server.address, batch_id, max([0, *seen]) if chance.random() < 0.8 else -1))
                time.sleep(chance.uniform(0, 0.3))
                server.kill()
            else:
                check(server.address, ended(server.address, batch_id), database_url, graded)
    print(f"\nkilled after {seen} rows")
    assert seen == sorted(seen)


def test_several_processes_share_a_batch(postgres_url: str, table: tuple[bytes, bytes]) -> None:
    content, graded = table
    with serving(postgres_url, **SOON) as one, serving(postgres_url, **SOON) as other:
        made = httpx2.post(f"{one.address}/v1/batches", content=content, headers=CSV).raise_for_status().json()
        batch = ended(other.address, made["id"])
        check(other.address, batch, postgres_url, graded)
        worked = [_graded_by(server.address) for server in (one, other)]
    print(f"\nportions graded by each: {worked}")
    assert all(worked)


def _graded_by(address: str) -> float:
    lines = httpx2.get(f"{address}/metrics").text.splitlines()
    return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("grader_batch_size_sum"))
