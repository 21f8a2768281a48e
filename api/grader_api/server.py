"""The process: uvicorn on a socket of ours, logs as JSON, an orderly end."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from grader.grading import Grader
from grader_api.app import create_app
from grader_api.auth import is_loopback
from grader_api.batches.keeper import Keeper
from grader_api.errors import UnsafeBinding
from grader_api.logs import log_as_json
from grader_api.patience import patient
from grader_api.service import Service
from grader_api.settings import ServiceSettings
from grader_api.store.database import Database
from grader_api.store.keys import any_key
from grader_api.telemetry import trace

if TYPE_CHECKING:  # its libraries are an extra
    from grader.llm.judge import ChatJudge

_SWITCH_S = 0.001  # how long the model's thread may keep the event loop waiting for the interpreter
_BACKLOG = 2048
_IDLE_S = (
    75  # longer than clients and proxies keep a connection: it is theirs to close, so no request meets a closed one
)


def serve(
    settings: ServiceSettings,
    make_grader: Callable[[], Grader],
    listening: Callable[[str], None],
    judge: ChatJudge | None = None,
) -> None:
    """Serve until a signal ends it. `listening` is told the address when the service answers there.

    `judge` is a language model that is asked beside.

    Raises:
        UnsafeBinding: it would listen beyond this machine and there are no keys, or it cannot listen there.
        StoreUnavailable: the database cannot be opened.
    """
    check_binding(settings)
    listener = _listen(settings)
    _share_cores()
    log_as_json()
    sys.setswitchinterval(_SWITCH_S)
    app = create_app(settings, make_grader(), judge)
    trace(app)
    server = _Server(_config(app, settings), lambda: listening(_address(listener)), partial(_leave, app))
    for ending in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # uvicorn ends in order, then raises the signal again: once is enough
        signal.signal(ending, lambda *_: None)
    server.run(sockets=[listener])
    gc.freeze()  # else all that is loaded is searched for garbage at the end: seconds on a slow machine


def _share_cores() -> None:
    """Let the encoder's threads sleep while they wait for each other; to be called before they are loaded.

    By default they spin, and where there are no cores to spare that keeps the event loop from running, and the one
    that they wait for. On two cores it costs a seventh of what can be graded at best; of four times as much as can be
    graded, threads that spin grade a quarter of what these do (`OMP_WAIT_POLICY=ACTIVE make bench-api`).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def check_binding(settings: ServiceSettings) -> None:
    """See that nobody can use the service who should not; brings the database to its newest form to do so.

    Raises:
        UnsafeBinding: it would listen beyond this machine, and there are no keys.
        StoreUnavailable: the database cannot be opened.
    """
    database = Database(settings.database)
    try:
        database.migrate()
        with database.read() as connection:
            keys = any_key(connection)
    finally:
        database.close()
    if not keys and not is_loopback(settings.host):
        raise UnsafeBinding(
            f"{settings.host} can be reached from other machines, and without keys anyone could use the service: "
            "make one with `grader keys create`, or listen on 127.0.0.1"
        )


def _listen(settings: ServiceSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UnsafeBinding(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}") from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _leave(app: FastAPI) -> None:
    """Have what could last for long end now: requests that are waited for take the whole time that there is."""
    service: Service = app.state.service
    keeper: Keeper = app.state.keeper
    service.leaving.set()
    keeper.leave()


def _config(app: FastAPI, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=patient(settings.client_timeout_s),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=max(1, int(settings.shutdown_s)),
    )


class _Server(uvicorn.Server):
    """Tells when it listens, and when it is about to end."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None], leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening, self._leaving = listening, leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving()
        await super().shutdown(sockets)
