"""The process: what it logs and counts, how it ends, and what is left when it is killed."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from grader_api.app import tidy
from grader_api.errors import StoreUnavailable
from grader_api.service import Service
from grader_api.store.database import Database
from grader_api.store.grades import add_grades, find_grade
from grader_api.store.log import verify
from starlette.testclient import TestClient

from service.conftest import ANSWER, Start, grade, make_key, post_answer, serving

CANDIDATE = "Jane-Roe-4711"


def test_logs_tell_of_requests_and_not_what_people_wrote(sqlite_url: str) -> None:
    key = make_key(sqlite_url, "admin")
    body = {"question_id": "tiny-1", "answer": ANSWER, "candidate_id": CANDIDATE}
    with serving(sqlite_url) as server:
        with httpx2.Client(base_url=server.address, headers=key) as client:
            made = client.post(
                "/v1/grades", json=body, headers={"X-Request-ID": "mine-1", "Idempotency-Key": "order-9"}
            )
            client.post("/v1/grades", json=body | {"question_id": CANDIDATE})
            client.get("/v1/grades", params={"candidate_id": CANDIDATE})
            client.delete(f"/v1/candidates/{CANDIDATE}")
            client.get(f"/nowhere/{CANDIDATE}")
        status, log, _ = server.end()
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/v1/grades", 201), ("/v1/grades", 404), ("/v1/grades", 200), ("/v1/candidates/{candidate_id:path}", 200),
        ("unmatched", 404),
    ]  # fmt: skip
    assert made.headers["x-request-id"] == requests[0]["request_id"] == "mine-1"
    assert status == 0
    for secret in (ANSWER[:20], CANDIDATE, key["Authorization"].split("_", 2)[2], "order-9"):
        assert secret not in log


@pytest.mark.parametrize("sent", ["a b", "x" * 65, "a\tb", "é".encode(), ""])
def test_a_request_id_that_could_forge_a_log_is_replaced(local: TestClient, sent: str | bytes) -> None:
    given = local.get("/health", headers={"X-Request-ID": sent}).headers["x-request-id"]
    assert len(given) == 32
    assert given.isalnum()


def test_counters_tell_of_requests_batches_and_grades(local: TestClient) -> None:
    body = {"question_id": "tiny-1", "answer": ANSWER}
    local.post("/v1/grades", json={"requests": [body] * 3})
    local.get("/v1/grades/none")
    told = dict(line.rsplit(" ", 1) for line in local.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert told['grader_requests_total{method="POST",route="/v1/grades",status="200"}'] == "1.0"
    assert told['grader_requests_total{method="GET",route="/v1/grades/{grade_id}",status="404"}'] == "1.0"
    assert told['grader_grades_total{label="correct"}'] == "3.0"
    assert told["grader_reviews_total"] == "3.0"
    assert (told["grader_batch_size_sum"], told["grader_batch_seconds_count"]) == ("3.0", "1.0")
    assert told["grader_queue_depth"] == "0.0"


def test_a_defect_is_answered_without_its_trace_and_logged_without_its_words() -> None:
    code = """
import asyncio, logging, sys, json
from grader_api.context import ContextMiddleware
from grader_api.logs import log_as_json
from grader_api.metrics import make_metrics
async def broken(scope, receive, send):
    raise RuntimeError("My secret answer")
async def send(message):
    print(message.get("status", ""), message.get("body", b"").decode())
log_as_json()
scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
asyncio.run(ContextMiddleware(broken, make_metrics(lambda: 0))(scope, None, send))
logging.getLogger("grader").exception("failed", exc_info=ValueError("My secret answer"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_paths())
    assert done.stdout.startswith("500")
    assert json.loads(done.stdout.splitlines()[1])["type"] == "urn:answer-grader:problem:internal"
    defect = json.loads(done.stderr.splitlines()[0])
    assert (defect["event"], defect["kind"]) == ("defect", "RuntimeError")
    assert defect["frames"][-1].endswith("broken")
    for told in (done.stdout, done.stderr):
        assert "My secret answer" not in told
        assert "Traceback" not in told


def _paths() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_the_service_ends_in_order(database_url: str) -> None:
    with serving(database_url) as server, ThreadPoolExecutor(8) as pool:
        client = httpx2.Client(base_url=server.address, timeout=30)
        sent = [pool.submit(post_answer, client, f"{ANSWER} {number}") for number in range(40)]
        sent[0].result()
        status, log, seconds = server.end()
        done = [future.result().status_code for future in sent if future.exception() is None]
        client.close()
    assert status == 0, log
    assert seconds < 10
    assert set(done) <= {201, 503}
    database = Database(database_url)
    with database.read() as connection:
        assert verify(connection) == []
    database.close()


def test_who_listens_to_events_does_not_keep_the_service_from_ending(sqlite_url: str) -> None:
    table = "question_id,answer\n" + "".join(f"tiny-1,{ANSWER} {number}\n" for number in range(20_000))
    with serving(sqlite_url, GRADER_SHUTDOWN_S="60") as server, httpx2.Client(base_url=server.address) as client:
        headers = {"Content-Type": "text/csv"}
        batch = client.post("/v1/batches", content=table.encode(), headers=headers).raise_for_status().json()["id"]
        with client.stream("GET", f"/v1/batches/{batch}/events") as events:
            lines = events.iter_lines()
            assert any(line.startswith("data:") for line in lines)
            status, log, _ = server.end()  # which waits for half a minute
            list(lines)  # they end in order: what is cut off raises
        assert (status, "Cancel" in log) == (0, False)


def test_what_is_not_sent_whole_when_the_service_ends_is_told_so(sqlite_url: str) -> None:
    head = b"POST /v1/grades HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
    with (
        serving(sqlite_url, GRADER_SHUTDOWN_S="1") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection,
    ):
        connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")  # from here on the request is in flight
        assert server.end()[0] == 0
        received = b""
        while part := connection.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body)["type"] == "urn:answer-grader:problem:unavailable"


def test_killed_in_the_midst_it_keeps_every_grade_it_told_of_and_none_twice(database_url: str) -> None:
    """A thousand answers are sent, each again until it is told to be kept; the process is killed three times."""
    told: dict[int, str] = {}
    enough = threading.Event()

    async def post_all(address: str, numbers: list[int], stop_at: int) -> None:
        limits = httpx2.Limits(max_connections=16)
        async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=None) as client:
            await asyncio.gather(*(post(client, number, stop_at) for number in numbers), return_exceptions=True)

    async def post(client: httpx2.AsyncClient, number: int, stop_at: int) -> None:
        body = {"question_id": "tiny-1", "answer": f"{ANSWER} {number}", "metadata": {"number": str(number)}}
        keyed = {"Idempotency-Key": f"answer-{number}"}
        response = await client.post("/v1/grades", json=body, headers=keyed)
        while response.status_code == 409:  # the database has not yet noticed that the service before was killed
            await asyncio.sleep(0.1)
            response = await client.post("/v1/grades", json=body, headers=keyed)
        if response.status_code == 201:
            told[number] = response.json()["id"]
        if len(told) >= stop_at:
            enough.set()

    for stop_at in (200, 450, 700, 1000):
        enough.clear()
        with serving(database_url) as server:
            left = [number for number in range(1000) if number not in told]
            sending = threading.Thread(target=asyncio.run, args=[post_all(server.address, left, stop_at)])
            sending.start()
            if stop_at < 1000:
                assert enough.wait(60)
                server.kill()
            sending.join()
            if stop_at == 1000:
                kept = _numbers(server.address)
    assert sorted(told) == list(range(1000))
    assert len(kept) == 1000
    assert {int(number): grade_id for grade_id, number in kept.items()} == told
    database = Database(database_url)
    with database.read() as connection:
        assert verify(connection) == []
    database.close()


def _numbers(address: str) -> dict[str, str]:
    """Every grade's id, and the number that was sent with it."""
    found, cursor = {}, None
    while True:
        query = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = httpx2.get(f"{address}/v1/grades", params=query).json()
        found |= {item["id"]: item["metadata"]["number"] for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_the_service_answers_while_the_database_is_busy(start: Start, tmp_path: Path) -> None:
    """A grade waits for another program's write; whoever only asks for the service's health does not."""
    file = tmp_path / "grader.db"
    client = start(f"sqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN IMMEDIATE")
        waiting = pool.submit(client.post, "/v1/grades", json={"question_id": "tiny-1", "answer": ANSWER})
        while 'grader_grades_total{label="correct"} 1.0' not in client.get("/metrics").text:
            assert client.get("/health").status_code == 200
        assert client.get("/v1/grades").json()["items"] == []
        assert not waiting.done()
        other.execute("COMMIT")
        assert waiting.result().status_code == 201


def test_grades_are_kept_no_longer_than_told(start: Start, database_url: str) -> None:
    client = start(database_url, retention_days=30)
    kept = grade(client)
    service: Service = client.app.state.service  # type: ignore[attr-defined]  # a client's application is any
    with service.database.write() as connection:
        found = find_grade(connection, "default", kept["id"])
        assert found is not None
        old = datetime.now(UTC) - timedelta(days=31)
        add_grades(connection, [replace(found.row, id="grade_old", created_at=old)])
    assert len(client.get("/v1/grades").json()["items"]) == 2
    service.tidy()
    assert [item["id"] for item in client.get("/v1/grades").json()["items"]] == [kept["id"]]


def test_what_is_too_old_is_erased_later_where_the_database_does_not_answer() -> None:
    erased = list[int]()

    def erase() -> None:
        erased.append(len(erased))
        if len(erased) < 3:
            raise StoreUnavailable("the database does not answer")

    async def run() -> None:
        tidying = asyncio.create_task(tidy(erase, 0.0))
        while len(erased) < 4 and not tidying.done():
            await asyncio.sleep(0.01)
        tidying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await tidying

    asyncio.run(run())
    assert len(erased) >= 4
