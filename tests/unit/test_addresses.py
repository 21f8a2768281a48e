"""Tables that lie elsewhere."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.batch.tables.addresses import fetch, is_address, name_at
from grader.errors import TableError

TABLE = "question_id,answer\ntiny-1,ü\n".encode() * 1000


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as reading one object takes."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        first, last = self.headers.get("Range", f"bytes=0-{len(TABLE)}").removeprefix("bytes=").split("-")
        self._answer(TABLE[int(first) : int(last) + 1])

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        if self.path.split("?")[0] != "/answers/of%20today.csv.gz":
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        whole = self.command == "HEAD" or len(body) == len(TABLE)
        self.send_response(200 if whole else 206)
        self.send_header("Content-Length", str(len(body) or len(TABLE)))
        self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "none")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


def fetched(address: str) -> bytes:
    into = io.BytesIO()
    fetch(address, into)
    return into.getvalue()


def test_a_table_in_s3_is_fetched_as_it_is(bucket: None) -> None:  # noqa: ARG001 (it serves)
    assert fetched("s3://answers/of%20today.csv.gz?region=eu-north-1") == TABLE


def test_a_table_that_s3_does_not_have_is_told(bucket: None) -> None:  # noqa: ARG001 (as above)
    with pytest.raises(TableError, match=r"s3://answers/none\.csv\?region=eu-north-1: cannot be fetched: "):
        fetched("s3://answers/none.csv?region=eu-north-1")


def test_any_address_that_pyarrow_knows_will_do(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(TABLE)
    assert fetched(path.as_uri()) == TABLE


@pytest.mark.parametrize("address", ["gopher://answers/a.csv", "s3://", "file:///nowhere/a.csv"])
def test_what_is_no_such_address_is_told(address: str) -> None:
    with pytest.raises(TableError, match="cannot be fetched"):
        fetched(address)


def test_an_address_is_told_from_a_path_and_its_name_from_what_is_asked() -> None:
    assert [is_address(name) for name in ("s3://a/b.csv", "a/b.csv", "C:/a.csv", "-")] == [True, False, False, False]
    assert name_at("s3://bucket/a//b.csv.gz?scheme=http&endpoint_override=localhost:9000") == "b.csv.gz"
