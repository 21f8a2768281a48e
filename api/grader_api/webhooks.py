"""Webhooks: an event, signed as Standard Webhooks say, sent until the receiver has taken it.

Source of the signature and the headers: https://www.standardwebhooks.com (v1, symmetric).
"""

from __future__ import annotations

import base64
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
from pydantic_core import to_json
from standardwebhooks import Webhook
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from grader_api.errors import WebhookRefused, WebhookUndelivered

_SOON = frozenset({408, 425, 429})  # statuses after which it is worth trying again, beside those of the server's fault
_SECRET = "whsec_"  # noqa: S105 (how a secret begins)
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052
_LEAST_SECRET = 24  # bytes, by the specification


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send, and the secret (`whsec_` and base64) that receiver and sender share."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: an id that stays the same in every attempt, a type such as `batch.completed`, and JSON data."""

    id: str
    type: str
    at: datetime
    data: dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try.

    Attributes:
        attempts: the most attempts.
        timeout_s: the longest time of one attempt, in seconds.
        first_s: what the wait after the first attempt is at most, in seconds; it doubles with each (full jitter).
        longest_s: the longest wait, in seconds; a `Retry-After` of the receiver is kept up to it.
        sleep: waits so many seconds.
    """

    attempts: int = 6
    timeout_s: float = 15.0
    first_s: float = 2.0
    longest_s: float = 300.0
    sleep: Callable[[float], None] = time.sleep


class _Again(Exception):  # noqa: N818 (caught in this module, where it says what to do)
    """An attempt that failed and may be repeated; the seconds that the receiver asked for."""

    def __init__(self, told: str, after_s: float | None = None) -> None:
        super().__init__(told)
        self.after_s = after_s


PATIENT = Patience()


def send(endpoint: Endpoint, event: Event, *, allow_private: bool = False, patience: Patience = PATIENT) -> int:
    """Send an event and wait until it is taken; the number of attempts that it took.

    Called in a thread that runs no event loop.

    Args:
        endpoint: where to.
        event: what happened.
        allow_private: whether it may go to this machine, its network, or another address that is not public.
        patience: how long to try.

    Raises:
        WebhookRefused: the URL or the secret is none to send by, or the receiver wants no events (410, any 4xx).
        WebhookUndelivered: nobody took it in all attempts.
    """
    signer, body = _signer(endpoint), to_json({"type": event.type, "timestamp": event.at, "data": event.data})
    retrying = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=_wait(patience),
        retry=retry_if_exception_type(_Again),
        sleep=patience.sleep,
        reraise=True,
    )
    try:
        for attempt in retrying:
            with attempt:
                _attempt(endpoint, event.id, body, signer, allow_private=allow_private, timeout_s=patience.timeout_s)
    except _Again as error:
        raise WebhookUndelivered(f"{_shown(endpoint.url)}: {error}, in {patience.attempts} attempts") from error
    return int(retrying.statistics["attempt_number"])


def check_endpoint(endpoint: Endpoint, *, allow_private: bool = False) -> None:
    """See that events can be sent there, before there are any.

    Raises:
        WebhookRefused: the URL or the secret is none to send by.
    """
    _signer(endpoint)
    try:
        _address(endpoint.url, allow_private=allow_private)
    except _Again as error:
        raise WebhookRefused(str(error)) from error


def _attempt(
    endpoint: Endpoint, event_id: str, body: bytes, signer: Webhook, *, allow_private: bool, timeout_s: float
) -> None:
    url = httpx2.URL(endpoint.url)
    address = _address(endpoint.url, allow_private=allow_private)
    now = datetime.now(UTC)
    headers = {
        "host": url.netloc.decode("ascii"),
        "content-type": "application/json",
        "user-agent": "answer-grader",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer.sign(event_id, now, body.decode()),
    }
    try:
        anyio.run(_post, url, address, body, headers, timeout_s)
    except (httpx2.TransportError, TimeoutError) as error:
        raise _Again(f"no answer ({type(error).__name__})") from error


async def _post(url: httpx2.URL, address: str, body: bytes, headers: dict[str, str], timeout_s: float) -> None:
    # sent to the very address that was checked: a second look-up of the name could lead elsewhere
    there, extensions = url.copy_with(host=address), {"sni_hostname": url.host}
    trusted = httpx2.create_ssl_context()  # with SSL_CERT_FILE and SSL_CERT_DIR, and without the proxies of trust_env
    with anyio.fail_after(timeout_s):  # of it all: a client's own limit begins anew with every byte that drips in
        async with (
            httpx2.AsyncClient(verify=trusted, timeout=timeout_s, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", there, content=body, headers=headers, extensions=extensions) as response,
        ):
            _judge(response)  # its body is not read


def _judge(response: httpx2.Response) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if status in _SOON or status >= 500:
        after = response.headers.get("retry-after", "")
        raise _Again(f"answered {status}", float(after) if after.isascii() and after.isdigit() else None)
    raise WebhookRefused(f"the receiver answered {status}; redirects are not followed")


def _address(url: str, *, allow_private: bool) -> str:
    """The address of a URL's host.

    Raises:
        WebhookRefused: the URL is no http(s) URL, or leads to an address that is not public.
        _Again: its name cannot be resolved now.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise WebhookRefused(f"{_shown(url)}: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise WebhookRefused(f"{_shown(url)}: wants an http or https URL with a host and without a user")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _Again(f"{parts.hostname} has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private:
        for address in addresses:
            if not _is_public(address):
                raise WebhookRefused(f"{_shown(url)} leads to {address}, which is not a public address")
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = _inner(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    return all(one.is_global and not one.is_multicast for one in (parsed, inner) if one is not None)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to by translation; None for one of its own."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _signer(endpoint: Endpoint) -> Webhook:
    try:
        key = base64.b64decode(endpoint.secret.removeprefix(_SECRET), validate=True)
    except ValueError as error:
        raise WebhookRefused(f"a secret is {_SECRET} and base64") from error
    if len(key) < _LEAST_SECRET:
        raise WebhookRefused(f"a secret has at least {_LEAST_SECRET} bytes; this one has {len(key)}")
    return Webhook(key)


def _wait(patience: Patience) -> Callable[[RetryCallState], float]:
    backoff = wait_random_exponential(multiplier=patience.first_s, max=patience.longest_s)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        wanted = error.after_s if isinstance(error, _Again) else None
        return backoff(state) if wanted is None else min(wanted, patience.longest_s)

    return wait


def _shown(url: str) -> str:
    """A URL without what may be secret in it: user, path and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the webhook's URL"
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "the webhook's URL"
