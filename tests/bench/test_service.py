"""How fast the service is beside the library that it serves, and what it does with more than it can: `make bench-api`.

The client is this process, the server another, on the loopback, with the real model.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from service.conftest import Process, serving

from grader.bank.library import Library
from grader.bank.question import Bank
from grader.encoders.cache import EncodingCache
from grader.encoders.sentence import load_encoder
from grader.grading import Grader
from grader.request import GradeRequest
from grader.settings import Settings

pytestmark = [pytest.mark.model, pytest.mark.bench, pytest.mark.api]

ANSWERS = int(os.environ.get("GRADER_BENCH_ANSWERS", "10000"))
ROUNDS = int(os.environ.get("GRADER_BENCH_ROUNDS", "4"))
SECONDS = float(os.environ.get("GRADER_BENCH_SECONDS", "60"))
REAL = """
from grader_api.server import serve
from grader_api.settings import ServiceSettings
settings = ServiceSettings(judge="off")
def grader():
    from grader.cli.serve import grader_of  # as late as the command loads the models
    return grader_of(settings)
serve(settings, grader, lambda address: print(address, flush=True))
"""


@dataclass
class Seen:
    """What a client saw: a request's seconds, by its status."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    took: float = 0.0

    def add(self, status: int, seconds: float) -> None:
        self.seconds.setdefault(status, []).append(seconds)

    @property
    def rate(self) -> float:
        return len(self.seconds.get(201, [])) / self.took

    def quantile(self, share: float) -> float:
        """Of the accepted, in milliseconds."""
        ordered = sorted(self.seconds[201])
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


@pytest.fixture(scope="module")
def requests(ds25: Bank) -> list[GradeRequest]:
    """The graded example answers of one bank, in any order; no two are the same, so no batch encodes one twice."""
    every = [
        GradeRequest(question_id=question.id, answer=exemplar.answer)
        for question in ds25.questions
        for exemplar in question.exemplars
    ]
    random.Random(0).shuffle(every)  # noqa: S311 (an order, no secret)
    return every[:ANSWERS]


@pytest.fixture(scope="module")
def cache() -> Path:
    """Where this machine keeps encoded questions: to encode them all anew takes minutes."""
    return Settings().cache_dir


@dataclass(frozen=True)
class Alone:
    """The library without a service: answers a second together, and the median milliseconds of one."""

    rate: float
    median: float


@pytest.fixture(scope="module")
def alone(library: Library, requests: list[GradeRequest], cache: Path) -> Alone:
    grader = Grader(library, load_encoder("all-MiniLM-L6-v2", "cpu", "auto"), cache=EncodingCache(cache))
    grader.grade_many(requests)
    begin = time.perf_counter()
    grader.grade_many(requests)
    rate = len(requests) / (time.perf_counter() - begin)
    times = []
    for request in requests[:200]:
        begin = time.perf_counter()
        grader.grade(request)
        times.append(time.perf_counter() - begin)
    return Alone(rate, statistics.median(times) * 1000)


@pytest.fixture(scope="module")
def server(
    requests: list[GradeRequest], alone: Alone, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    assert alone.rate > 0
    url = f"sqlite:///{tmp_path_factory.mktemp('bench') / 'grader.db'}"
    with serving(url, script=REAL, GRADER_CACHE_DIR=str(cache)) as running:
        asyncio.run(closed(running.address, requests, 8))  # every question is prepared
        yield running


async def post(client: httpx2.AsyncClient, request: GradeRequest, seen: Seen) -> httpx2.Response:
    body = {"question_id": request.question_id, "answer": request.answer}
    begin = time.perf_counter()
    response = await client.post("/v1/grades", json=body)
    seen.add(response.status_code, time.perf_counter() - begin)
    return response


async def post_until_graded(client: httpx2.AsyncClient, request: GradeRequest, seen: Seen) -> None:
    """What is asked to come back later does."""
    while (response := await post(client, request, seen)).status_code == 429:
        await asyncio.sleep(int(response.headers["retry-after"]))


def pool(address: str, connections: int) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx2.AsyncClient(base_url=address, limits=limits, timeout=60)


async def closed(address: str, requests: list[GradeRequest], clients: int) -> Seen:
    """So many clients, each of which sends its next answer when it has its grade."""
    left = iter(requests)
    async with pool(address, clients) as client:
        seen = Seen()

        async def work() -> None:
            for request in left:
                await post_until_graded(client, request, seen)

        await asyncio.gather(*(work() for _ in range(clients)))
        seen.took = time.perf_counter() - seen.began
    return seen


async def opened(address: str, requests: list[GradeRequest], rate: float, seconds: float) -> tuple[Seen, list[float]]:
    """So many answers a second, whatever becomes of them; and the seconds of /health, asked ten times a second."""
    async with pool(address, 2000) as client, pool(address, 4) as other, asyncio.TaskGroup() as tasks:
        seen, health, endless = Seen(), [], itertools.cycle(requests)
        sent = 0
        while (now := time.perf_counter() - seen.began) < seconds:
            for _ in range(int(now * rate) - sent):
                tasks.create_task(post(client, next(endless), seen))
                sent += 1
            begin = time.perf_counter()
            await other.get("/health")
            health.append(time.perf_counter() - begin)
            await asyncio.sleep(0.02)
        seen.took = seconds
    return seen, health


def memory(process: Process) -> float:
    """Resident memory, in MB."""
    status = Path(f"/proc/{process.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_the_service_beside_the_library(server: Process, requests: list[GradeRequest], alone: Alone) -> None:
    print(f"\n{len(requests)} answers; the library alone: {alone.rate:.0f}/s together, one in {alone.median:.1f} ms")
    print("clients   grades/s   of grade_many      p50      p95      p99 ms")
    found = {}
    for clients in (1, 8, 64):
        part = requests * (ROUNDS if clients > 1 else 1)
        found[clients] = seen = asyncio.run(closed(server.address, part, clients))
        assert set(seen.seconds) <= {201, 429}
        quantiles = "".join(f"{seen.quantile(share):9.1f}" for share in (0.5, 0.95, 0.99))
        told = f"  asked to come back: {len(seen.seconds[429])}" if 429 in seen.seconds else ""
        print(f"{clients:7}{seen.rate:11.0f}{seen.rate / alone.rate:16.2f}{quantiles}{told}")
    print(f"64 clients: {found[64].rate / alone.rate:.2f} of grade_many (aim: 0.7 or more)")
    print(f"one client: {found[1].quantile(0.5) / alone.median:.2f} of a bare grade (aim: 1.6 or less)")
    assert found[64].rate > 0.2 * alone.rate  # a service that grades one by one falls below


def test_four_times_what_it_can(server: Process, requests: list[GradeRequest]) -> None:
    capacity = asyncio.run(closed(server.address, requests * ROUNDS, 64)).rate
    before = memory(server)
    seen, health = asyncio.run(opened(server.address, requests, 4 * capacity, SECONDS))
    after = memory(server)
    statuses = {status: len(times) for status, times in seen.seconds.items()}
    health.sort()
    middle, late = (health[int(len(health) * share)] * 1000 for share in (0.5, 0.99))
    print(f"\n{4 * capacity:.0f} answers/s for {SECONDS:.0f} s: {statuses}")
    print(f"accepted: {seen.rate / capacity:.2f} of capacity, p99 {seen.quantile(0.99):.0f} ms (aim: under 2000)")
    print(f"memory {before:.0f} MB, then {after:.0f} MB; /health meanwhile: median {middle:.0f} ms, p99 {late:.0f} ms")
    assert set(statuses) <= {201, 429}
    assert middle < 100  # an event loop that worked on batches itself would mostly be asked in the midst of one
