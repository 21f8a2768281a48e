"""Every bound is answered by its problem, and what is within it passes."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import zlib
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.conftest import ANSWER, Held, Start, held_client, serving

BODY = {"question_id": "tiny-1", "answer": ANSWER}
JSON = {"Content-Type": "application/json"}


def kind(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rpartition(":")[2]


def padded(size: int) -> bytes:
    """A valid body of so many bytes."""
    whole = json.dumps(BODY)
    return (whole + " " * (size - len(whole))).encode()


def test_a_body_has_at_most_so_many_bytes(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url, max_body_bytes=2000)
    assert client.post("/v1/grades", content=padded(2000), headers=JSON).status_code == 201
    assert kind(client.post("/v1/grades", content=padded(2001), headers=JSON)) == (413, "body-too-large")
    chunks = iter([padded(1999), b" ", b" "])  # no Content-Length tells the size
    assert kind(client.post("/v1/grades", content=chunks, headers=JSON)) == (413, "body-too-large")


def test_a_body_is_measured_after_inflation(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url, max_body_bytes=2000)
    zipped = JSON | {"Content-Encoding": "gzip"}
    assert client.post("/v1/grades", content=gzip.compress(padded(2000)), headers=zipped).status_code == 201
    assert kind(client.post("/v1/grades", content=gzip.compress(padded(2001)), headers=zipped)) == (
        413,
        "body-too-large",
    )
    bomb = gzip.compress(b" " * 1_900_000)
    assert len(bomb) < 2000
    assert kind(client.post("/v1/grades", content=bomb, headers=zipped)) == (413, "body-too-large")


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(padded(90))[:-9], gzip.compress(padded(90)) + b"more", zlib.compress(padded(90)), b""],
)
def test_what_is_not_one_gzip_stream_is_refused(local: TestClient, content: bytes) -> None:
    refused = local.post("/v1/grades", content=content, headers=JSON | {"Content-Encoding": "gzip"})
    assert kind(refused) == (400, "malformed-request")


def test_an_encoding_nobody_knows_is_refused(local: TestClient) -> None:
    refused = local.post("/v1/grades", content=padded(90), headers=JSON | {"Content-Encoding": "br"})
    assert kind(refused) == (415, "unsupported-media-type")


def test_an_answer_has_at_most_so_many_bytes(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url, max_answer_bytes=100)
    assert client.post("/v1/grades", json=BODY | {"answer": "é" * 50}).status_code == 201
    assert kind(client.post("/v1/grades", json=BODY | {"answer": "é" * 51})) == (422, "answer-too-long")


def test_a_body_is_nested_at_most_so_deep(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url, max_json_depth=5)
    whole = json.dumps(BODY | {"answer": 'He said: "[[[[[[[[[[" \\ {{{{{{{{ \\'})
    assert client.post("/v1/grades", content=whole, headers=JSON).status_code == 201
    assert kind(client.post("/v1/grades", content="[" * 5 + "]" * 5, headers=JSON)) == (422, "invalid-request")
    for deep in ("[" * 6, '{"a":' * 6, "[" * 100_000, '{"\\"":' * 100_000, '["]]]",' * 6):
        assert kind(client.post("/v1/grades", content=deep, headers=JSON)) == (422, "json-too-deep")


def test_a_request_takes_at_most_so_long(sqlite_url: str) -> None:
    encoder = Held()
    with held_client(encoder, sqlite_url, request_timeout_s=0.05) as client:
        refused = client.post("/v1/grades", json=BODY)
        assert kind(refused) == (503, "timed-out")
        assert refused.headers["retry-after"] == "1"
        encoder.let.set()


def test_no_more_answers_wait_than_allowed_and_those_that_do_are_graded(sqlite_url: str) -> None:
    encoder = Held()
    with held_client(encoder, sqlite_url, queue_size=2, batch_size=1) as client:
        statuses: list[int] = []

        def post(number: int) -> None:
            response = client.post("/v1/grades", json=BODY | {"answer": f"{ANSWER} {number}"})
            statuses.append(response.status_code)

        threads = [threading.Thread(target=post, args=[number]) for number in range(3)]
        threads[0].start()
        assert encoder.entered.wait(10)  # the first is being worked on, so the next two wait
        for thread in threads[1:]:
            thread.start()
        while client.get("/ready").json()["queue_depth"] < 2:
            pass
        refused = client.post("/v1/grades", json=BODY)
        assert kind(refused) == (429, "queue-full")
        assert int(refused.headers["retry-after"]) >= 1
        several = client.post("/v1/grades", json={"requests": [BODY] * 3})
        assert kind(several) == (429, "queue-full")
        unread = client.post("/v1/grades", content="{", headers=JSON)
        assert kind(unread) == (429, "queue-full")
        assert client.get("/v1/grades").status_code == 200  # only what waits for the model is refused
        assert 'grader_requests_total{method="POST",route="/v1/grades",status="429"} 3.0' in client.get("/metrics").text
        encoder.let.set()
        for thread in threads:
            thread.join()
        assert statuses == [201] * 3


HEAD = b"POST /v1/grades HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /v1/gra",
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
)
def test_a_client_that_stops_sending_is_told_and_hung_up_on(sqlite_url: str, sent: bytes) -> None:
    with serving(sqlite_url, GRADER_CLIENT_TIMEOUT_S="0.2") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(sent)
            received = b""
            while part := connection.recv(65536):
                received += part
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(body)["type"] == "urn:answer-grader:problem:slow-request"


def test_headers_without_end_are_refused(sqlite_url: str) -> None:
    with serving(sqlite_url) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(HEAD + b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(70)) + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
