"""Batches: a table in, graded beside everything else, a table out."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from queue import Queue
from typing import Any

import httpx2
import pytest
from batches import CountingGrader, grade_table, source_of, target_of, write_answers
from fakes import DROPOUT_BANK
from grader_api.app import create_app
from grader_api.service import Service
from grader_api.settings import ServiceSettings
from grader_api.store.tables import BATCHES
from sqlalchemy import select
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from grader.bank.library import Library
from grader.batch.tables.reading import open_table
from grader.batch.tables.row import Row
from grader.encoders.hashing import HashingEncoder
from grader.grading import Grader
from service.conftest import ANSWER, Start, grade, make_key, serving

CSV = {"Content-Type": "text/csv"}
ROW = {"question_id": "tiny-1", "answer": ANSWER}
SECRET = "whsec_" + "QUJD" * 12
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


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service that the tests of this file share."""
    url = f"sqlite:///{tmp_path_factory.mktemp('standing') / 'grader.db'}"
    settings = ServiceSettings(
        database_url=url, max_upload_bytes=1_000_000, max_batch_rows=5000, webhooks_to_private=True
    )
    app = create_app(settings, Grader(Library([DROPOUT_BANK]), HashingEncoder()))
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        yield client


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
    told = client.get(f"/v1/batches/{made['id']}/figures", params={"detailed": True}).json()["figures"]
    assert (told["rows"], told["errors"]) == (703, counts["failed"])
    assert sum(one["answers"] for one in told["questions"]) == counts["completed"]
    assert {one["question"] for one in told["questions"]} == {"tiny-1", "tiny-2"}


def test_answers_may_be_sent_along(standing: TestClient) -> None:
    own = {"question": "Why?", "references": ["Because it is so."], "answer": "It is so.", "id": "mine"}
    rows = [ROW | {"candidate_id": "c"}, own, ROW | {"question_id": "nowhere"}]
    response = standing.post("/v1/batches", json={"rows": rows, "output_format": "jsonl", "name": "few"})
    assert response.headers["location"] == f"/v1/batches/{response.json()['id']}"
    batch = ended(standing, response.json())
    assert (batch["name"], batch["request_counts"]) == ("few", {"total": 3, "completed": 2, "failed": 1})
    lines = [json.loads(line) for line in standing.get(f"/v1/batches/{batch['id']}/output").text.splitlines()]
    assert lines[0]["score"] == grade(standing)["score"]
    assert lines[1]["id"] == "mine"
    errors = [json.loads(line) for line in standing.get(f"/v1/batches/{batch['id']}/errors").text.splitlines()]
    assert errors == [lines[2]]
    assert (errors[0]["question_id"], errors[0]["score"]) == ("nowhere", None)
    assert "nowhere" in errors[0]["error"]


def test_every_format_goes_out(standing: TestClient, tmp_path: Path) -> None:
    content = b"question_id,answer\ntiny-1,Dropout drops units.\n"
    forms = ("csv.gz", "tsv", "jsonl.zst", "parquet", "xlsx")
    made = {form: upload(standing, content, output_format=form) for form in forms}
    for form, batch in made.items():
        ended(standing, batch)
        output = standing.get(f"/v1/batches/{batch['id']}/output")
        (tmp_path / f"out.{form}").write_bytes(output.content)
        found = source_of(tmp_path / f"out.{form}")
        with open_table(found.path, found.layout) as rows:
            assert [row.cells["answer"] for row in rows.rows if isinstance(row, Row)] == ["Dropout drops units."]


def test_a_download_goes_on_where_it_broke(standing: TestClient, table: tuple[bytes, bytes]) -> None:
    content, graded = table
    made = upload(standing, content)
    ended(standing, made)
    path = f"/v1/batches/{made['id']}/output"
    whole = standing.get(path)
    rest = standing.get(path, headers={"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    assert rest.status_code == 206
    assert whole.content[:1000] + rest.content == graded
    assert standing.get(path, headers={"Range": "bytes=1000-", "If-Range": '"another"'}).content == graded


def test_what_cannot_be_a_batch_is_refused(standing: TestClient) -> None:
    def refused(status: int, **request: Any) -> str:
        response = standing.post("/v1/batches", **request)
        assert response.status_code == status, response.text
        return str(response.json()["errors"][0]["path"] if response.json()["errors"] else response.json()["type"])

    before = standing.get("/v1/batches", params={"limit": 1}).json()["items"]
    body = b"question_id,answer\n"
    hook = {"rows": [ROW], "webhook_url": "ftp://127.0.0.1/", "webhook_secret": SECRET}
    assert refused(422, json={"rows": []}) == "rows"
    assert refused(422, json={"rows": [{"answer": "x"}]}) == "rows[0]"
    assert refused(422, json={"rows": [ROW], "output_format": "docx"}) == "output_format"
    assert refused(422, json=hook) == "webhook_url"
    assert refused(422, json=hook | {"webhook_secret": None}) == "webhook_url"
    assert refused(422, content=body, headers=CSV, params={"column": "answer"}) == "column[0]"
    assert refused(422, content=body, headers=CSV, params={"input_format": "nothing"}) == "input_format"
    assert refused(415, content=body, headers={"Content-Type": "image/png"}).endswith("unsupported-media-type")
    assert refused(415, content=body, headers=CSV | {"Content-Encoding": "gzip"}).endswith("unsupported-media-type")
    assert standing.get("/v1/batches", params={"limit": 1}).json()["items"] == before


def test_a_table_that_is_too_large_is_refused(standing: TestClient) -> None:
    response = standing.post("/v1/batches", content=b"x" * 1_000_001, headers=CSV)
    assert (response.status_code, response.json()["type"]) == (413, "urn:answer-grader:problem:body-too-large")
    batch = ended(standing, upload(standing, b"question_id,answer\n" + b"tiny-1,a\n" * 5001))
    assert batch["status"] == "failed"
    assert batch["errors"][0]["message"] == "has more than 5,000 rows, which a batch may have"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells how much memory a process has had")
def test_a_large_table_goes_to_disk_and_not_to_memory(sqlite_url: str) -> None:
    answer = (b"Dropout deactivates random neurons. " * 30)[:1016]
    pieces, piece = 100, (b"tiny-1," + answer + b"\n") * 1024  # each of 1 MiB
    table = itertools.chain([b"question_id,answer\n"], itertools.repeat(piece, pieces))
    with serving(sqlite_url) as server, httpx2.Client(base_url=server.address, timeout=120) as client:
        _graded(client, json={"rows": [ROW]})  # what it loads for the first batch is not the table's
        before = _most_memory(server.process.pid)
        assert _graded(client, content=table, headers=CSV, params={"limit": 1})["completed"] == 1
        assert _most_memory(server.process.pid) - before < pieces * len(piece) / 2


def _graded(client: httpx2.Client, **request: Any) -> dict[str, int]:
    """The counts of a batch, when it has ended."""
    path = client.post("/v1/batches", **request).raise_for_status().headers["location"]
    while not (batch := client.get(path).json())["finished_at"]:
        time.sleep(0.1)
    counts: dict[str, int] = batch["request_counts"]
    return counts


def _most_memory(process: int) -> int:
    """The most memory that a process has had, in bytes."""
    told = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(told.split("VmHWM:")[1].split()[0]) * 1024


def test_of_a_larger_table_some_rows_may_be_graded(standing: TestClient) -> None:
    table = b"question_id,answer\n" + b"".join(b"tiny-1,a %d\n" % number for number in range(6000))
    for choice in ({"limit": 3}, {"sample": 3, "seed": 4}):
        made = ended(standing, upload(standing, table, **choice))
        assert (made["status"], made["request_counts"]["total"]) == ("completed", 3)
    assert ended(standing, upload(standing, table, sample=5001))["status"] == "failed"


def test_a_table_that_cannot_be_read_fails_and_says_where(standing: TestClient) -> None:
    batch = ended(standing, upload(standing, b"id,text\n1,2\n", name="mine.csv"))
    assert (batch["status"], batch["request_counts"]["total"]) == ("failed", 0)
    assert [error["path"] for error in batch["errors"]] == ["answer", "question_id"]
    assert standing.get(f"/v1/batches/{batch['id']}/output").status_code == 200
    figures = standing.get(f"/v1/batches/{batch['id']}/figures").json()
    assert (figures["distinct"], figures["figures"]["rows"], figures["figures"]["mean"]) == (0, 0, None)


def test_a_batch_that_is_sent_again_is_the_same(standing: TestClient) -> None:
    sent = [
        standing.post("/v1/batches", content=content, headers=CSV | {"Idempotency-Key": "one"})
        for content in (b"question_id,answer\ntiny-1,a\n", b"question_id,answer\ntiny-1,a\n", b"question_id,answer\n")
    ]
    assert [response.status_code for response in sent] == [201, 201, 422]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    assert [one["id"] for one in standing.get("/v1/batches").json()["items"]].count(sent[0].json()["id"]) == 1


def test_a_cancelled_batch_keeps_what_is_graded(standing: TestClient) -> None:
    rows = b"".join(b"tiny-1,Dropout drops %d units\n" % number for number in range(5000))
    made = upload(standing, b"question_id,answer\n" + rows)
    path = f"/v1/batches/{made['id']}"
    assert {standing.get(f"{path}/{part}").status_code for part in ("output", "figures")} == {409}
    while not standing.get(path).json()["request_counts"]["completed"]:
        time.sleep(0.02)
    assert standing.post(f"{path}/cancel").json()["status"] in {"cancelling", "cancelled"}
    batch = ended(standing, made)
    assert batch["status"] == "cancelled"
    counts = batch["request_counts"]
    assert 0 < counts["completed"] < counts["total"] == 5000
    assert len(standing.get(f"{path}/output").text.splitlines()) == counts["completed"] + 1
    again = standing.post(f"{path}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "urn:answer-grader:problem:batch-ended")


def test_what_is_done_so_far_may_be_read_while_a_batch_goes_on(standing: TestClient) -> None:
    rows = b"".join(b"%s,Dropout drops %d units\n" % (b"tiny-1" if n % 9 else b"no", n) for n in range(5000))
    made = standing.post(
        "/v1/batches", content=b"question_id,answer\n" + rows, headers=CSV | {"Idempotency-Key": "far"}
    )
    path, part = f"/v1/batches/{made.json()['id']}", {"partial": True}
    while not standing.get(path).json()["request_counts"]["completed"]:
        time.sleep(0.02)
    output, errors = (standing.get(f"{path}/{name}", params=part) for name in ("output", "errors"))
    figures = standing.get(f"{path}/figures", params=part).json()["figures"]
    found = standing.get("/v1/batches", params={"idempotency_key": "far"}).json()["items"]
    assert standing.get(f"{path}/output").status_code == 409
    standing.post(f"{path}/cancel")
    done = len(output.text.splitlines()) - 1
    assert 0 < done <= figures["rows"] < 5000
    assert 0 < len(errors.text.splitlines()) - 1 <= figures["errors"]
    assert [one["id"] for one in found] == [made.json()["id"]]
    assert standing.get("/v1/batches", params={"idempotency_key": "near"}).json()["items"] == []


def test_events_tell_of_a_batch_until_it_has_ended(standing: TestClient, table: tuple[bytes, bytes]) -> None:
    made = upload(standing, table[0])
    with standing.stream("GET", f"/v1/batches/{made['id']}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]
    assert told[-1]["status"] == "completed"
    assert all(before != after for before, after in pairwise(told))
    done = [one["request_counts"]["completed"] for one in told]
    assert done == sorted(done)


def test_batches_are_their_tenants_own(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url)
    ours, theirs = make_key(sqlite_url, "grade"), make_key(sqlite_url, "admin", tenant="other")
    reader = make_key(sqlite_url, "read")
    made = client.post("/v1/batches", json={"rows": [ROW]}, headers=ours).json()
    assert client.post("/v1/batches", json={"rows": [ROW]}, headers=reader).status_code == 403
    for path in ("", "/output", "/errors", "/figures", "/events"):
        assert client.get(f"/v1/batches/{made['id']}{path}", headers=theirs).status_code == 404
    assert client.post(f"/v1/batches/{made['id']}/cancel", headers=theirs).status_code == 404
    assert client.get("/v1/batches", headers=theirs).json()["items"] == []
    assert [one["id"] for one in client.get("/v1/batches", headers=reader).json()["items"]] == [made["id"]]


def test_batches_page_newest_first(standing: TestClient) -> None:
    made = [standing.post("/v1/batches", json={"rows": [ROW]}).json()["id"] for _ in range(3)]
    first = standing.get("/v1/batches", params={"limit": 2}).json()
    rest = standing.get("/v1/batches", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]


def test_an_erased_candidate_is_erased_from_batches(standing: TestClient) -> None:
    rows = [ROW | {"candidate_id": "gone"}, ROW | {"candidate_id": "stays"}]
    made = standing.post("/v1/batches", json={"rows": rows}).json()
    ended(standing, made)
    assert standing.delete("/v1/candidates/gone").json() == {"grades": 0, "rows": 1}
    assert standing.delete("/v1/candidates/gone").status_code == 404
    lines = [json.loads(line) for line in standing.get(f"/v1/batches/{made['id']}/output").text.splitlines()]
    assert lines[0].get("answer") is None
    assert (lines[0]["score"], lines[0]["error"]) == (None, "line 1: was erased")
    assert (lines[1]["answer"], lines[1]["candidate_id"]) == (ANSWER, "stays")


def test_its_end_is_told_to_a_webhook_once(standing: TestClient) -> None:
    with receiver() as (url, received):
        body = {"rows": [ROW], "webhook_url": url, "webhook_secret": SECRET}
        made = standing.post("/v1/batches", json=body).json()
        headers, content = received.get(timeout=20)
        batch = ended(standing, made)
        told = Webhook(SECRET).verify(content, headers)
        assert (told["type"], told["data"]) == ("batch.completed", batch)
        assert headers["webhook-id"] == made["id"]
        service: Service = standing.app.state.service  # type: ignore[attr-defined]  # a client's application is any
        while _secrets(service):
            time.sleep(0.05)
        assert received.empty()


def _secrets(service: Service) -> list[str]:
    with service.database.read() as connection:
        return list(connection.execute(select(BATCHES.c.webhook).where(BATCHES.c.webhook.is_not(None))).scalars())


@contextmanager
def receiver() -> Iterator[tuple[str, Queue[tuple[dict[str, str], bytes]]]]:
    """A server that takes webhooks: its address, and what it gets."""
    received: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            received.put(({name.lower(): value for name, value in self.headers.items()}, content))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook", received
        finally:
            server.shutdown()
            thread.join()
