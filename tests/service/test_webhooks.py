"""Webhooks, sent to real receivers that verify them as Standard Webhooks say."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from grader_api.errors import WebhookRefused, WebhookUndelivered
from grader_api.webhooks import Endpoint, Event, Patience, check_endpoint, send
from standardwebhooks import Webhook, WebhookVerificationError

from service.conftest import free_port

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(32)).decode()
EVENT = Event("msg_1", "batch.completed", datetime(2026, 1, 2, tzinfo=UTC), {"id": "batch_1", "note": "naïve – 7"})


@dataclass
class Receiver:
    """What a receiver answers, one after the other (the last again and again), and what it was sent."""

    replies: list[tuple[int, dict[str, str]]]
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def reply(self) -> tuple[int, dict[str, str]]:
        return self.replies[min(len(self.got), len(self.replies)) - 1]


@contextmanager
def receiving(*replies: tuple[int, dict[str, str]], tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver; with `tls` one over HTTPS, under the name localhost, wherever that leads."""
    found, *_ = socket.getaddrinfo("localhost" if tls else "127.0.0.1", None, type=socket.SOCK_STREAM)
    family, address = found[0], str(found[4][0])
    receiver = Receiver(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = receiver.reply()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        address_family = family

    with Server((address, 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        origin = "http://127.0.0.1" if tls is None else "https://localhost"
        receiver.url = f"{origin}:{server.server_port}/hook?token=t"
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def patience(waited: list[float]) -> Patience:
    return Patience(attempts=4, timeout_s=5, first_s=2, longest_s=60, sleep=waited.append)


def test_a_receiver_can_verify_what_it_gets(patience: Patience) -> None:
    with receiving((204, {})) as receiver:
        assert send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience) == 1
    ((headers, body),) = receiver.got
    verified = Webhook(SECRET).verify(body, headers)
    assert verified == {"type": EVENT.type, "timestamp": "2026-01-02T00:00:00Z", "data": EVENT.data}
    assert headers["webhook-id"] == EVENT.id
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"batch_1", b"batch_2"), headers)


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """What a receiver shows that has a certificate for a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this process trusts, as operators have it trust their own."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def test_an_event_travels_by_https(authority: trustme.CA, patience: Patience) -> None:
    with receiving((204, {}), tls=certified(authority, "localhost")) as receiver:
        assert send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience) == 1
    ((headers, body),) = receiver.got
    assert Webhook(SECRET).verify(body, headers)["data"] == EVENT.data
    assert headers["host"].startswith("localhost:")


@pytest.mark.parametrize("stranger", ["of another name", "by another authority"])
def test_a_receiver_that_is_not_who_it_says_gets_nothing(
    authority: trustme.CA, patience: Patience, stranger: str
) -> None:
    other = stranger == "by another authority"
    tls = certified(trustme.CA(), "localhost") if other else certified(authority, "elsewhere.test")
    with (
        receiving((204, {}), tls=tls) as receiver,
        pytest.raises(WebhookUndelivered, match=r"no answer \(ConnectError\)"),
    ):
        send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience)
    assert receiver.got == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_what_may_pass_is_tried_again_under_the_same_id(patience: Patience, waited: list[float], status: int) -> None:
    with receiving((status, {}), (status, {}), (200, {})) as receiver:
        assert send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience) == 3
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {EVENT.id}
    for headers, body in receiver.got:
        Webhook(SECRET).verify(body, headers)
    assert len(waited) == 2
    assert 0 <= waited[0] <= 2
    assert 0 <= waited[1] <= 4


@pytest.mark.parametrize(("wanted", "kept"), [("7", 7), ("999999", 60)])
def test_a_receiver_may_say_when(patience: Patience, waited: list[float], wanted: str, kept: float) -> None:
    with receiving((429, {"Retry-After": wanted}), (200, {})) as receiver:
        send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience)
    assert waited == [kept]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301, 307])
def test_what_will_not_pass_is_not_tried_again(patience: Patience, waited: list[float], status: int) -> None:
    with (
        receiving((status, {"Location": "http://127.0.0.1:1/"})) as receiver,
        pytest.raises(WebhookRefused, match=f"answered {status}"),
    ):
        send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience)
    assert len(receiver.got) == 1
    assert waited == []


def test_nobody_there_is_told_without_what_may_be_secret(patience: Patience, waited: list[float]) -> None:
    nowhere = Endpoint(f"http://127.0.0.1:{free_port()}/hook?token=t", SECRET)
    with pytest.raises(WebhookUndelivered, match=r"no answer \(ConnectError\), in 4 attempts") as told:
        send(nowhere, EVENT, allow_private=True, patience=patience)
    assert "token" not in str(told.value)
    assert len(waited) == 3


def test_an_attempt_ends_though_the_answer_drips_in(waited: list[float]) -> None:
    impatient = Patience(attempts=1, timeout_s=0.5, sleep=waited.append)
    over = threading.Event()

    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not over.wait(0.1):
                self.wfile.write(b"x")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}/", SECRET)
            with pytest.raises(WebhookUndelivered, match=r"no answer \(TimeoutError\)"):
                send(endpoint, EVENT, allow_private=True, patience=impatient)
        finally:
            over.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",  # noqa: S104 (sent to, not listened on)
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
    ],
)
def test_an_address_that_is_not_public_is_refused(host: str, patience: Patience) -> None:
    endpoint = Endpoint(f"http://{host}:8000/hook", SECRET)
    with pytest.raises(WebhookRefused, match="not a public address"):
        check_endpoint(endpoint)
    with pytest.raises(WebhookRefused, match="not a public address"):
        send(endpoint, EVENT, patience=patience)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "https://", "https://u:p@example.org/", "http://[::1", "http://a:99999/", "x", ""]
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(WebhookRefused):
        check_endpoint(Endpoint(url, SECRET), allow_private=True)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_%%%", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(WebhookRefused, match="a secret"):
        check_endpoint(Endpoint("http://127.0.0.1/", secret), allow_private=True)


def test_a_secret_is_not_shown() -> None:
    assert "whsec" not in repr(Endpoint("https://example.org/", SECRET))


def test_the_body_is_the_same_json_that_was_signed(patience: Patience) -> None:
    with receiving((500, {}), (200, {})) as receiver:
        send(Endpoint(receiver.url, SECRET), EVENT, allow_private=True, patience=patience)
    bodies = [body for _, body in receiver.got]
    assert bodies[0] == bodies[1]
    assert json.loads(bodies[0])["data"] == EVENT.data
