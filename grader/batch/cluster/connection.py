"""A Ray cluster: reached, or started on this machine."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import ray
from ray.exceptions import RayError

from grader.batch.cluster.share import Resources
from grader.errors import EngineError

_CLIENT = "ray://"
_PATIENCE = 10.0  # seconds
_RAY_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing here calls home unasked
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # what else it has to say stands in its own logs, or is raised
}
_HERE = "local"  # Ray's word for a cluster of this machine alone, that ends with this process


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """A connection to a cluster for as long as it is needed; one that is there already is used and stays.

    Args:
        address: HOST:PORT of its head, `auto` for the one that this machine belongs to, or None for one of this
            machine's own cores, which is started and ends with the connection.

    Raises:
        EngineError: it is not to be reached, or not from here.
    """
    if ray.is_initialized():
        yield
        return
    if address is not None and address.startswith(_CLIENT):
        told = "the batch runs on a machine of the cluster: start it there, with --address auto, or by ray job submit"
        raise EngineError(f"{address}: {told}")
    if address not in {None, "auto"}:
        _see_listening(str(address))
    for name, value in _RAY_SETTINGS.items():
        os.environ.setdefault(name, value)  # read when Ray starts
    try:
        ray.init(address or _HERE, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, TimeoutError, RuntimeError, ValueError, RayError) as error:
        raise EngineError(f"{address or 'a cluster of this machine'}: {_first_line(error)}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _see_listening(address: str) -> None:
    """Ray itself asks an address where nobody answers for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise EngineError(f"{address!r} is no address of a cluster: HOST:PORT, or auto")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise EngineError(f"{address}: no cluster answers: {error}") from error


def machines() -> list[Resources]:
    """What each machine of the cluster has."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call] # Ray leaves it untyped


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
