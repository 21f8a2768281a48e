"""`grader batch --server`: the same table as without, whatever breaks in between."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from batches import CountingGrader, grade_table, source_of, summary_of, target_of, write_answers
from fakes import DROPOUT
from grader_api.client import Client
from grader_api.errors import Conflicting
from grader_api.schemas import BatchUpload

from grader.batch.survey import Choice
from service.conftest import Process, serving

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('server') / 'grader.db'}") as running:
        yield running


def begin(server: Process, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(path for path in sys.path if path)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from grader.cli.app import main; main()", "batch", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=clean | {"PYTHONPATH": paths, "GRADER_SERVER": server.address},
    )


@pytest.fixture
def run(server: Process, tmp_path: Path) -> Run:
    def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        with begin(server, tmp_path, *arguments) as process:
            output, told = process.communicate(stdin)
        return subprocess.CompletedProcess(arguments, process.returncode, output, told)

    return run


@pytest.fixture
def graded(tmp_path: Path) -> bytes:
    """What in.csv becomes without a service."""
    write_answers(tmp_path / "in.csv", 300)
    assert grade_table(source_of(tmp_path / "in.csv"), target_of(tmp_path / "local.csv"), CountingGrader())
    return (tmp_path / "local.csv").read_bytes()


def test_the_output_is_the_same_as_without_a_service(run: Run, server: Process, tmp_path: Path, graded: bytes) -> None:
    done = run("in.csv", "-o", "out.csv", "--json")
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out.csv").read_bytes() == graded
    told = json.loads(done.stdout)
    assert (told["output"], told["rows"], told["batch"][:6]) == ("out.csv", 301, "batch_")
    again = run("in.csv", "-o", "-", stdin=b"")
    assert again.stdout == graded
    refused = run("in.csv", "-o", "out.csv")
    assert refused.returncode == 2
    assert b"--force" in refused.stderr
    with Client(server.address) as client:
        before = len(client.list_batches().items)
        assert run("in.csv", "-o", "out.csv", "--json", "--force").returncode == 0
        assert len(client.list_batches().items) == before


def test_what_the_service_cannot_do_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("id,text\n1,2\n")
    failed = run("bad.csv", "-o", "out.csv")
    assert (failed.returncode, failed.stdout) == (2, b"")
    assert b"bad.csv:1: answer: there is no such column" in failed.stderr
    assert not (tmp_path / "out.csv").exists()
    for option, told in (
        (["--partial"], b"bad.csv:1: answer: there is no such column"),
        (["--partial", "--seed", "7"], b"--partial: the service has no batch of this table and options"),
        (["--scale", "my.json"], b"--scale: the service has its own"),
        (["--judge-mode", "always"], b"--judge-mode: the service has its own"),
        (["--report", "no/x.html"], b"--report: there is no folder no"),
    ):
        refused = run("bad.csv", "-o", "out.csv", *option)
        assert (refused.returncode, told in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize(
    ("options", "choice"),
    [
        (["--limit", "50"], Choice(50)),
        (["--sample", "40", "--seed", "3"], Choice(None, 40, 3)),
        (["--limit", "200", "--sample", "20"], Choice(200, 20)),
        (["--sample", "20", "--only-errors"], Choice(None, 20)),
    ],
    ids=lambda told: " ".join(told) if isinstance(told, list) else "",
)
def test_a_choice_of_rows_is_the_same_as_without_a_service(
    run: Run, tmp_path: Path, options: list[str], choice: Choice
) -> None:
    write_answers(tmp_path / "in.csv", 300)
    source = source_of(tmp_path / "in.csv", choice)
    target = target_of(tmp_path / "local.csv", only_errors="--only-errors" in options)
    assert grade_table(source, target, CountingGrader())
    done = run("in.csv", "-o", "out.csv", "--json", "--report", "out.html", *options)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out.csv").read_bytes() == target.output.read_bytes()
    told = json.loads(done.stdout)
    assert {**summary_of(source, tmp_path), "output": "out.csv", "batch": told["batch"]} == told
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Most missed" in page
    assert "in.csv" in page
    assert DROPOUT.question in page
    assert DROPOUT.criteria[1].statement in page


def test_a_table_with_a_row_that_cannot_be_read_may_be_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("question_id,answer\ntiny-1,x\nshort\n")
    refused = run("short.csv", "-o", "out.csv", "--strict")
    assert refused.returncode == 2
    assert b"short.csv:3: has 1 cell" in refused.stderr
    graded = run("short.csv", "-o", "out.csv")
    assert graded.returncode == 0
    assert b"2 rows, 1 different answers: out.csv" in graded.stderr
    assert b"not graded: 1 row" in graded.stderr


def test_what_is_done_so_far_is_written_beside_the_output(run: Run, server: Process, tmp_path: Path) -> None:
    write_answers(tmp_path / "in.csv", 20_000)
    with begin(server, tmp_path, "in.csv", "-o", "out.csv") as waiting, Client(server.address) as client:
        while waiting.poll() is None:
            made = client.list_batches().items
            if made and made[0].request_counts.completed and not made[0].finished_at:
                break
            time.sleep(0.02)
        waiting.send_signal(signal.SIGINT)
        _, told = waiting.communicate()
        assert (waiting.returncode, b"--partial writes what is done" in told) == (130, True), told
        done = run("in.csv", "-o", "out.csv", "--partial", "--json", "--report", "part.html")
        with contextlib.suppress(Conflicting):  # it was quicker
            client.cancel_batch(made[0].id)
    assert done.returncode == 0, done.stderr.decode()
    figures = json.loads(done.stdout)
    assert (figures["batch"], figures["output"]) == (made[0].id, "out.partial.csv")
    with (tmp_path / "out.partial.csv").open(encoding="utf-8", newline="") as stream:
        assert 0 < len(list(csv.DictReader(stream))) <= figures["rows"]
    assert not (tmp_path / "out.csv").exists()


class _Breaking(httpx2.BaseTransport):
    """Loses the connection in the middle of an upload, before a reply, and in the middle of the first downloads."""

    def __init__(self, breaks: int) -> None:
        self._network, self._left, self.asked = httpx2.HTTPTransport(), breaks, list[str]()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST" and "cut" not in self.asked:
            self.asked.append("cut")
            request = httpx2.Request("POST", request.url, headers=request.headers, content=_half(request))
        response = self._network.handle_request(request)
        if request.url.path.endswith("/output"):
            self.asked.append(request.headers.get("range", "whole"))
            if self._left:
                self._left -= 1
                return httpx2.Response(response.status_code, headers=response.headers, stream=_Cut(response))
        elif request.method == "POST" and "lost" not in self.asked:
            self.asked.append("lost")
            response.read()
            raise httpx2.ReadError("the connection was lost")
        return response

    def close(self) -> None:
        self._network.close()


def _half(request: httpx2.Request) -> Iterator[bytes]:
    assert isinstance(request.stream, httpx2.SyncByteStream)
    whole = b"".join(request.stream)
    yield whole[: len(whole) // 2]
    raise httpx2.WriteError("the connection was lost")


class _Cut(httpx2.SyncByteStream):
    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield self._response.read()[:1000]
        raise httpx2.ReadError("the connection was lost")

    def close(self) -> None:
        self._response.close()


def test_a_lost_connection_costs_nothing(server: Process, tmp_path: Path, graded: bytes) -> None:
    transport = _Breaking(2)
    with Client(server.address, transport=transport) as client:
        before = len(client.list_batches().items)
        made = client.create_batch(tmp_path / "in.csv", BatchUpload(name="broken.csv"))
        *_, batch = client.follow_batch(made.id, every_s=0.1)
        file = io.BytesIO()
        client.download_batch(batch.id, file)
        assert file.getvalue() == graded
        assert len(client.list_batches().items) == before + 1
    assert transport.asked == ["cut", "lost", "whole", "bytes=1000-", "bytes=2000-"]
