"""Traces are sent where OpenTelemetry's own variables say so, and nowhere else."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from service.conftest import ANSWER, post_answer, serving

CANDIDATE = "Jane-Roe-4711"


class Collector(BaseHTTPRequestHandler):
    """Takes what an OpenTelemetry exporter sends."""

    received: list[bytes]

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []
    server = HTTPServer(("127.0.0.1", 0), type("Taking", (Collector,), {"received": received}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_requests_are_traced_without_what_people_wrote(sqlite_url: str, collector: tuple[str, list[bytes]]) -> None:
    address, received = collector
    with serving(sqlite_url, OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_SERVICE_NAME="graders") as server:
        with httpx2.Client(base_url=server.address) as client:
            assert post_answer(client).status_code == 201
            assert client.delete(f"/v1/candidates/{CANDIDATE}").status_code == 200
        server.end()
    spans = [
        span.name
        for data in received
        for resource in ExportTraceServiceRequest.FromString(
            gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        ).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert "POST /v1/grades" in spans
    for secret in (ANSWER, CANDIDATE):
        assert secret.encode() not in b"".join(received)
