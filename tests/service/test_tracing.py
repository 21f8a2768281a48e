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


@pytest.mark.parametrize("conventions", ["", "http/dup"])
def test_requests_are_traced_without_what_people_wrote(
    sqlite_url: str, collector: tuple[str, list[bytes]], conventions: str
) -> None:
    address, received = collector
    named = {"OTEL_SERVICE_NAME": "graders", "OTEL_SEMCONV_STABILITY_OPT_IN": conventions}
    with serving(sqlite_url, OTEL_EXPORTER_OTLP_ENDPOINT=address, **named) as server:
        with httpx2.Client(base_url=server.address) as client:
            assert post_answer(client).status_code == 201
            for path in ("/v1/grades", "/grades", "/nowhere"):
                client.get(path, params={"candidate_id": CANDIDATE, "candidate": CANDIDATE})
            client.get(f"/v1/grades/{CANDIDATE}")
            client.get(f"/nowhere/{CANDIDATE}")
            client.delete(f"/v1/candidates/{CANDIDATE}")
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
    assert {"POST /v1/grades", "GET /v1/grades", "GET /v1/grades/{grade_id}"} <= set(spans)
    assert any(name.startswith("DELETE /v1/candidates/") for name in spans)
    for secret in (ANSWER, CANDIDATE):
        assert secret.encode() not in b"".join(received)
