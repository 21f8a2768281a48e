"""`grader keys`, `grader store` and `grader serve`, as their users meet them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_api.store.database import Database
from sqlalchemy import text

from service.conftest import ANSWER, Start

Run = Callable[..., subprocess.CompletedProcess[str]]
GRADER = [sys.executable, "-c", "from grader.cli.app import main; main()"]


@pytest.fixture
def run(sqlite_url: str, tmp_path: Path) -> Run:
    paths = os.pathsep.join(path for path in sys.path if path)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    settings = {"GRADER_DATABASE_URL": sqlite_url, "PYTHONPATH": paths, "COLUMNS": "200", "HOME": str(tmp_path)}

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*GRADER, *arguments], capture_output=True, text=True, check=False, env=clean | settings | environment
        )

    return run


def test_a_key_is_made_listed_used_and_revoked(run: Run, start: Start, sqlite_url: str) -> None:
    made = run("keys", "create", "practice site", "--scope", "grade", "--scope", "read", "--tenant", "acme")
    key = made.stdout.strip()
    assert made.returncode == 0
    assert "not shown again" in made.stderr
    (listed,) = json.loads(run("keys", "list", "--json").stdout)
    assert (listed["name"], listed["tenant"], listed["scopes"]) == ("practice site", "acme", "grade read")
    shown = run("keys", "list").stdout
    assert "practice site" in shown
    assert key.split("_", 2)[2] not in shown
    client = start(sqlite_url)
    headers = {"Authorization": f"Bearer {key}"}
    graded = client.post("/v1/grades", json={"question_id": "tiny-1", "answer": ANSWER}, headers=headers)
    assert graded.status_code == 201
    assert run("keys", "revoke", listed["id"]).returncode == 0
    assert run("keys", "revoke", listed["id"]).returncode == 1


def test_a_store_is_verified(run: Run, start: Start, sqlite_url: str) -> None:
    start(sqlite_url).post("/v1/grades", json={"question_id": "tiny-1", "answer": ANSWER})
    fine = run("store", "verify")
    assert (fine.returncode, fine.stdout) == (0, "all is as it was written\n")
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(text("DELETE FROM grades"))
    database.close()
    changed = run("store", "verify", "--json")
    assert changed.returncode == 1
    assert "gone, and nobody logged" in json.loads(changed.stdout)[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["serve", "--host", "0.0.0.0"], "without keys anyone could use the service"),  # noqa: S104 (what is refused)
        (["serve", "--host", "192.0.2.1"], "without keys anyone could use the service"),
        (["serve", "--port", "70000"], "--port"),
        (["serve", "--database-url", "nonsense"], "no database can be opened by the address"),
        (["serve", "--database-url", "postgresql://x@127.0.0.1:1/none"], "the database does not answer"),
        (["keys", "create", "x", "--scope", "everything"], "no scope 'everything'"),
        (["keys", "create", "a\nb", "--scope", "grade"], "one line"),
        (["keys", "create", "x"], "--scope"),
    ],
)
def test_wrong_usage_is_told_and_exits_with_two(run: Run, arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "Address already in use" in done.stderr


def test_a_missing_extra_is_told() -> None:
    code = "import sys; sys.modules['fastapi'] = None; from grader.cli.app import main; main()"
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", code, "keys", "list"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert done.returncode == 2
    assert "pip install 'answer-grader[serve]'" in done.stderr
