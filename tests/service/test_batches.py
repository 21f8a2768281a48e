"""Batches: a table in, graded beside everything else, a table out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from batches import CountingGrader, grade_table, source_of, target_of, write_answers
from starlette.testclient import TestClient

from service.conftest import ANSWER

CSV = {"Content-Type": "text/csv"}
ROW = {"question_id": "tiny-1", "answer": ANSWER}
ENDED = {"completed", "failed", "cancelled"}


def ended(client: TestClient, batch: dict[str, Any], within_s: float = 30) -> dict[str, Any]:
    """A batch when it has ended."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        found: dict[str, Any] = client.get(f"/v1/batches/{batch['id']}").json()
        if found["status"] in ENDED:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def upload(client: TestClient, content: bytes, **query: Any) -> dict[str, Any]:
    response = client.post("/v1/batches", content=content, headers=CSV, params=query)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A table, and what it becomes without a service."""
    folder = tmp_path_factory.mktemp("table")
    write_answers(folder / "in.csv", 700)
    assert grade_table(source_of(folder / "in.csv"), target_of(folder / "out.csv"), CountingGrader())
    return (folder / "in.csv").read_bytes(), (folder / "out.csv").read_bytes()


def test_a_table_becomes_what_the_command_makes_of_it(client: TestClient, table: tuple[bytes, bytes]) -> None:
    content, graded = table
    made = upload(client, content)
    assert made["status"] == "validating"
    batch = ended(client, made)
    assert batch["status"] == "completed"
    counts = batch["request_counts"]
    assert counts["total"] == counts["completed"] + counts["failed"] == 703
    output = client.get(f"/v1/batches/{made['id']}/output")
    assert output.headers["content-type"] == "text/csv; charset=utf-8"
    assert output.content == graded
