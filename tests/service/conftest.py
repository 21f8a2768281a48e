"""The service on both of its databases: in this process, and as a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from fakes import DROPOUT_BANK
from grader_api.app import create_app
from grader_api.scopes import Scope
from grader_api.settings import ServiceSettings
from grader_api.store.database import Database
from grader_api.store.keys import create_key
from starlette.testclient import TestClient

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.encoders.protocol import Encoding
from grader.grading import Grader
from grader.llm.judge import ChatJudge

ANSWER = "Dropout disables random units in training, so the network generalizes better."
WRONG = "Dropout deactivates neurons when the network is tested."


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _programs() -> Path | None:
    """Where PostgreSQL's programs lie: Debian keeps them out of PATH, each version in a folder of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, which does not run as root."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    owner: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="grader-postgres-"))
    if owner:
        shutil.chown(folder, "postgres", "postgres")
    port = free_port()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": folder, **owner}
    initialize = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initialize, check=True, **quiet)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], check=True, **quiet)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'grader.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The address of an empty PostgreSQL database."""
    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # a name of our own making
    return f"{postgres}/{name}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'grader.db'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    opened.migrate()
    yield opened
    opened.close()


Start = Callable[..., TestClient]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts applications on a small bank with the hashing encoder; `start(url, **settings)` gives a client of one."""
    with ExitStack() as running:

        def start(url: str, judge: ChatJudge | None = None, **settings: Any) -> TestClient:
            grader = Grader(Library([DROPOUT_BANK]), HashingEncoder())
            app = create_app(ServiceSettings(database_url=url, **settings), grader, judge)
            client = TestClient(
                app, base_url="http://127.0.0.1", client=("127.0.0.1", 1), raise_server_exceptions=False
            )
            return running.enter_context(client)

        yield start


class Held(HashingEncoder):
    """An encoder that works when it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.entered = threading.Event()

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        self.entered.set()
        self.let.wait(30)
        return super().encode(texts)


def held_client(encoder: Held, url: str, **settings: Any) -> TestClient:
    app = create_app(ServiceSettings(database_url=url, **settings), Grader(Library([DROPOUT_BANK]), encoder))
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1))


@pytest.fixture
def client(start: Start, database_url: str) -> TestClient:
    """A service without keys, on either database."""
    return start(database_url)


@pytest.fixture
def local(start: Start, sqlite_url: str) -> TestClient:
    """A service without keys, on SQLite."""
    return start(sqlite_url)


def grade(client: TestClient, answer: str = ANSWER, **fields: Any) -> dict[str, Any]:
    """A grade that was made."""
    response = client.post("/v1/grades", json={"question_id": "tiny-1", "answer": answer} | fields)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def make_key(url: str, *scopes: str, tenant: str = "default") -> dict[str, str]:
    """The headers of a new key."""
    database = Database(url)
    database.migrate()
    with database.write() as connection:
        _, text = create_key(connection, tenant, "a test", [Scope(scope) for scope in scopes])
    database.close()
    return {"Authorization": f"Bearer {text}"}


SERVE = """
import sys
from fakes import DROPOUT_BANK
from grader.bank.library import Library
from grader.cli.serve import judge_of
from grader.encoders.hashing import HashingEncoder
from grader.grading import Grader
from grader_api.server import serve
from grader_api.settings import ServiceSettings
chosen = ServiceSettings()
serve(
    chosen, lambda: Grader(Library([DROPOUT_BANK]), HashingEncoder()),
    lambda address: print(address, flush=True), judge_of(chosen),
)
"""


class Process:
    """A real server: a process of its own on a real socket."""

    def __init__(self, url: str, script: str, environment: dict[str, str]) -> None:
        here = Path(__file__).resolve().parent.parent
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
        path = os.pathsep.join([str(here), str(here.parent / "api"), str(here.parent)])
        settings = {"GRADER_DATABASE_URL": url, "GRADER_PORT": "0", "PYTHONPATH": path} | environment
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (a pipe would fill up)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=clean | settings,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        self._output = self.process.stdout
        self.address = self._output.readline().strip()
        if not self.address:
            told = self.log()
            self.close()
            raise RuntimeError(told)

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def end(self) -> tuple[int, str, float]:
        """Ask it to end; its exit status, its log, and the seconds it took."""
        begin = time.monotonic()
        self.process.terminate()
        self.process.wait(30)
        return self.process.returncode, self.log(), time.monotonic() - begin

    def log(self) -> str:
        """What it has written to stderr."""
        self._log.seek(0)
        return self._log.read()

    def kill(self) -> None:
        """Kill it, as nothing else can be asked to end so suddenly."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Kill it if it still runs, and forget its log."""
        self.kill()
        self._output.close()
        self._log.close()


@contextmanager
def serving(url: str, *, script: str = SERVE, **environment: str) -> Iterator[Process]:
    """A real server, killed at the end if it still runs."""
    process = Process(url, script, environment)
    try:
        yield process
    finally:
        process.close()


def post_answer(client: httpx2.Client, answer: str = ANSWER, key: str | None = None) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/v1/grades", json={"question_id": "tiny-1", "answer": answer}, headers=headers)
