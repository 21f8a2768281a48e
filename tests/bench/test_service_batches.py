"""What a batch in the service costs those who wait for single grades: `make bench-api`."""

from __future__ import annotations

import csv
import io
import itertools
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from bench.test_service import REAL
from service.conftest import serving

from grader.bank.question import Bank
from grader.settings import Settings

pytestmark = [pytest.mark.model, pytest.mark.bench, pytest.mark.api]

ROWS = int(os.environ.get("GRADER_BENCH_ROWS", "100000"))
SINGLE = int(os.environ.get("GRADER_BENCH_SINGLE", "150"))
PAUSES = {"one after the other": 0.0, "one in a while": 0.4}


def answers(bank: Bank) -> Iterator[tuple[str, str]]:
    """Answers without end, no two the same."""
    every = [(question.id, exemplar.answer) for question in bank.questions for exemplar in question.exemplars]
    for number in itertools.count():
        question_id, answer = every[number % len(every)]
        yield question_id, f"{answer} ({number})"


def table(bank: Bank) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([("question_id", "answer"), *itertools.islice(answers(bank), ROWS)])
    return text.getvalue().encode()


def latencies(client: httpx2.Client, bank: Bank, pause_s: float) -> list[float]:
    chance = random.Random(1)  # noqa: S311 (moments)
    seconds = []
    for question_id, answer in itertools.islice(answers(bank), 10**6, 10**6 + SINGLE):
        time.sleep(chance.uniform(0.5, 1.5) * pause_s)
        begin = time.perf_counter()
        client.post("/v1/grades", json={"question_id": question_id, "answer": answer}).raise_for_status()
        seconds.append(time.perf_counter() - begin)
    return seconds


def test_a_batch_slows_single_grades_by_less_than_half(ds25: Bank, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'grader.db'}"
    with (
        serving(url, script=REAL, GRADER_CACHE_DIR=str(Settings().cache_dir)) as server,
        httpx2.Client(base_url=server.address, timeout=60) as client,
    ):
        latencies(client, ds25, 0.0)
        before = {name: latencies(client, ds25, pause) for name, pause in PAUSES.items()}
        batch = client.post("/v1/batches", content=table(ds25), headers={"Content-Type": "text/csv"}).json()
        path = f"/v1/batches/{batch['id']}"
        while not client.get(path).json()["request_counts"]["completed"]:
            time.sleep(0.1)
        during = {name: latencies(client, ds25, pause) for name, pause in PAUSES.items()}
        assert client.get(path).json()["status"] == "in_progress", "the batch was too small"
        client.post(f"{path}/cancel")
    print(f"\n{ROWS} rows in a batch; {SINGLE} single grades each")
    for name in PAUSES:
        alone, beside = statistics.median(before[name]), statistics.median(during[name])
        mean = statistics.mean(during[name]) / statistics.mean(before[name])
        print(f"{name:22} {alone * 1000:6.1f} ms alone  {beside * 1000:6.1f} ms beside the batch", end="")
        print(f"  median {beside / alone:.2f}, mean {mean:.2f} (aim: under 1.5)")
    for name in PAUSES:
        assert statistics.median(during[name]) < 1.5 * statistics.median(before[name])
