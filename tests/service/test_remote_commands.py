"""The command line with `--server`: the same output and exit status as in this process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from grader_api.client import Client

from grader.cli.app import main
from grader.request import GradeRequest
from service.conftest import ANSWER, SERVE, WRONG, Process, make_key, serving

EVERY_BANK = SERVE.replace("Library([DROPOUT_BANK])", "load_library()").replace("import Library", "import load_library")
REAL = """
from grader.cli.serve import grader_of
from grader_api.server import serve
from grader_api.settings import ServiceSettings
settings = ServiceSettings()
serve(settings, lambda: grader_of(settings), lambda address: print(address, flush=True))
"""
SKY = """
bank: sky
title: The sky
questions:
  - id: sky-1
    question: What colour is the [day] sky?
    references: [The sky is blue.]
"""

SEA = """
bank: sea
title: The sea
questions:
  - id: sea-1
    question: What colour is the sea?
    references: [It is {keyword}.]
    criteria:
      - id: colour
        statement: The sea is {keyword}.
        keywords: [[{keyword}]]
"""


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def run(cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, which spares it the start; its data folder is empty."""

    def run(*arguments: str, **environment: str) -> Done:
        for name in [name for name in os.environ if name.startswith("GRADER_")]:
            monkeypatch.delenv(name)
        given = {
            "GRADER_DATA_DIR": str(tmp_path),
            "GRADER_CACHE_DIR": cache,
            "GRADER_JUDGE": "off",
            "COLUMNS": "200",
        } | environment
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["grader", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return Done(int(ended.value.code or 0), output.out, output.err)

    return run


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('remote') / 'grader.db'}"


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[Process]:
    """A real server with every bank that comes with the project, and the hashing encoder."""
    with serving(url, script=EVERY_BANK) as running:
        yield running


SAME = [
    ["bank", "list"],
    ["bank", "list", "--json"],
    ["bank", "list", "ds25"],
    ["bank", "list", "ds25", "--json"],
    ["bank", "list", "ds26"],
    ["bank", "show", "ds25"],
    ["bank", "show", "ds25", "--json"],
    ["bank", "show", "ds25-11"],
    ["bank", "show", "ds25-11", "--json"],
    ["bank", "show", "ds25-111"],
    ["bank", "export", "ds25", "--format", "gift"],
    ["bank", "export", "ds26", "--format", "json"],
    ["questions", "list"],
    ["questions", "list", "--bank", "ds25", "--topic", "optimization", "--json"],
    ["questions", "list", "--bank", "ds26"],
    ["questions", "show", "top50-3"],
    ["questions", "show", "top50-3", "--json"],
    ["questions", "show", "top50"],
    ["questions", "search", " "],
    ["questions", "search", "x", "--limit", "0"],
    ["grade", "ds25-111", "an answer"],
    ["grade", "ds25-11", "an answer", "--reference", "one"],
    ["grade"],
]


@pytest.mark.parametrize("arguments", SAME, ids=" ".join)
def test_a_service_is_asked_with_the_same_result(run: Run, server: Process, arguments: list[str]) -> None:
    here, there = run(*arguments), run(*arguments, GRADER_SERVER=server.address)
    assert there == here
    assert here.status == 0 or here.stderr
    assert "Traceback" not in here.stderr


@pytest.mark.model
def test_an_answer_is_graded_by_a_service_as_here(run: Run, cache: str, tmp_path: Path) -> None:
    settings = {"GRADER_CACHE_DIR": cache, "GRADER_DTYPE": "fp32", "GRADER_JUDGE": "off"}
    with serving(f"sqlite:///{tmp_path / 'grader.db'}", script=REAL, **settings) as running:
        for arguments in (["--json"], ["--explain"]):
            asked = ["grade", "ds25-11", ANSWER, *arguments]
            here, there = run(*asked, **settings), run(*asked, **settings, GRADER_SERVER=running.address)
            assert (here.status, there.status, here.stderr) == (0, 0, "")
            assert there.stderr.startswith("kept as grade_")
            if arguments == ["--json"]:
                grade = json.loads(here.stdout)
                kept = json.loads(there.stdout)
                assert {name: kept[name] for name in grade} == grade
                assert list(kept)[: len(grade)] == list(grade)
            else:
                assert there.stdout == here.stdout


def test_a_bank_is_put_exported_and_deleted(run: Run, server: Process, tmp_path: Path) -> None:
    asked = {"GRADER_SERVER": server.address}
    file = tmp_path / "sky.yaml"
    file.write_text(SKY, encoding="utf-8")
    put = run("bank", "put", str(file), **asked)
    assert (put.status, put.stdout) == (0, f"{file}: bank sky, version 1, 1 question\n")
    (again,) = json.loads(run("bank", "put", str(file), "--json", **asked).stdout)
    assert (again["bank"], again["number"]) == ("sky", 1)
    for name in ("sky.json", "sky.xml"):
        exported = tmp_path / name
        assert run("bank", "export", "sky", "--output", str(exported), **asked).status == 0
        (kept,) = json.loads(run("bank", "put", str(exported), "--json", **asked).stdout)
        assert kept["version"] == again["version"]
    assert "[day]" in run("questions", "show", "sky-1", **asked).stdout
    assert run("questions", "search", "the day's sky", "--limit", "1", "--json", **asked).stdout.count("sky-1") == 1
    assert run("bank", "delete", "sky", **asked).status == 0
    assert run("bank", "delete", "sky", **asked).stderr == "error: bank 'sky' was deleted\n"


def test_what_the_service_refuses_is_told(run: Run, server: Process, tmp_path: Path) -> None:
    asked = {"GRADER_SERVER": server.address}
    file = tmp_path / "ds25.yaml"
    file.write_text(SKY.replace("bank: sky", "bank: ds25"), encoding="utf-8")
    assert run("bank", "put", str(file), **asked).stderr == "error: bank 'ds25' comes with the service\n"
    file.write_text(SKY.replace("sky-1", "ds25-11"), encoding="utf-8")
    assert "question 'ds25-11' stands in bank 'ds25' too" in run("bank", "put", str(file), **asked).stderr
    file.write_text(SKY.replace("references", "reference"), encoding="utf-8")
    assert f"error: {file}:7: questions[0]" in run("bank", "put", str(file), **asked).stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["grade", "ds25-11", "x", "--threshold", "0.5"], "--threshold: the service has its own"),
        (["bank", "list", "--banks", "my.yaml"], "--banks: the service has its own"),
        (["grades", "list", "--tenant", "acme"], "--tenant: the service has its own"),
        (["keys", "create", "x", "--scope", "read", "--tenant", "acme"], "--tenant: the service has its own"),
        (["keys", "list", "--database-url", "sqlite:///x.db"], "--database-url: the service has its own"),
    ],
)
def test_what_a_service_cannot_be_asked_is_told(run: Run, server: Process, arguments: list[str], told: str) -> None:
    done = run(*arguments, "--server", server.address)
    assert done.status == 2
    assert told in " ".join(done.stderr.split())


def test_settings_in_the_environment_are_this_machines_and_do_not_hinder(run: Run, server: Process) -> None:
    done = run("bank", "list", GRADER_SERVER=server.address, GRADER_BANKS="nowhere.yaml", GRADER_THRESHOLD="0.9")
    assert (done.status, done.stderr) == (0, "")


def test_keys_are_the_same_of_the_service_and_in_its_database(run: Run, sqlite_url: str) -> None:
    here = {"GRADER_DATABASE_URL": sqlite_url}
    first = run("keys", "create", "first", "--scope", "admin", **here)
    with serving(sqlite_url) as running:
        there = {"GRADER_SERVER": running.address, "GRADER_API_KEY": first.stdout.strip()}
        made = {}
        for name, by in (("here", here), ("there", there)):
            done = run("keys", "create", f"made {name}", "--scope", "read", "--scope", "grade", **by)
            key_id = done.stdout.split("_")[1]
            told = f"key {key_id} of tenant default; keep it: it is not shown again\n"
            assert (done.status, done.stderr) == (0, told)
            made[name] = key_id
            opened = {"GRADER_SERVER": running.address, "GRADER_API_KEY": done.stdout.strip()}
            assert run("grades", "list", **opened).stderr == "no grades\n"
            assert "lacks the scope admin" in run("keys", "list", **opened).stderr
            as_json = json.loads(run("keys", "create", "x", "--scope", "author", "--json", **by).stdout)
            assert (as_json["tenant"], as_json["scopes"], as_json["key"][:7]) == ("default", "author", "grader_")
        for asked in (
            ["keys", "list"],
            ["keys", "list", "--json"],
            ["keys", "revoke", "0123456789abcdef"],
            ["keys", "create", "x", "--scope", "everything"],
            ["keys", "create", "", "--scope", "read"],
            ["keys", "create", "x"],
        ):
            assert run(*asked, **there) == run(*asked, **here), asked
        assert len(json.loads(run("keys", "list", "--json", **there).stdout)) == 5
        for name, by in (("here", there), ("there", here)):
            done = run("keys", "revoke", made[name], **by)
            assert (done.status, done.stdout) == (0, f"key {made[name]} is revoked\n")
            for asked_by in (here, there):
                again = run("keys", "revoke", made[name], **asked_by)
                assert (again.status, again.stderr) == (1, f"no valid key has the id {made[name]}\n")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1:1", "does not answer: [Errno 111] Connection refused"),
        ("nonsense", "'nonsense' is no address"),
        ("{}/elsewhere", "is {}/elsewhere its address"),
    ],
)
def test_a_service_that_is_not_there_is_told(run: Run, server: Process, address: str, told: str) -> None:
    done = run("grades", "list", GRADER_SERVER=address.format(server.address))
    assert done.status == 2
    assert told.format(server.address) in done.stderr
    assert done.stderr.count("\n") == 1


def test_banks_must_be_put_somewhere(run: Run) -> None:
    assert "say which service" in run("bank", "delete", "sky").stderr


def test_a_key_opens_its_tenant_and_what_its_scopes_allow(run: Run, sqlite_url: str) -> None:
    key = make_key(sqlite_url, "read", "grade", tenant="acme")["Authorization"].removeprefix("Bearer ")
    with serving(sqlite_url, script=EVERY_BANK) as running:
        asked = {"GRADER_SERVER": running.address, "GRADER_API_KEY": key}
        assert "send a key" in run("bank", "list", GRADER_SERVER=running.address).stderr
        assert run("bank", "list", **asked).stdout == run("bank", "list").stdout
        assert "ds25-11" in run("questions", "list", **asked).stdout
        shown = run("bank", "show", "ds25-11", **asked)
        assert "keys with the scope author or review" in shown.stdout
        assert "references" in json.loads(run("questions", "show", "ds25-11", "--json", **asked).stdout)
        assert "ds25-11" in run("bank", "show", "ds25", **asked).stdout
        assert json.loads(run("bank", "list", "ds25", "--json", **asked).stdout)[0]["criteria"] is None
        exported = run("bank", "export", "ds25", "--format", "gift", **asked)
        assert (exported.status, exported.stdout) == (2, "")
        assert "is shown whole to keys with the scope author or review" in exported.stderr
        assert json.loads(run("grade", "ds25-11", ANSWER, "--json", **asked).stdout)["candidate_id"] is None
    here = {"GRADER_DATABASE_URL": sqlite_url}
    assert len(json.loads(run("grades", "list", "--tenant", "acme", "--json", **here).stdout)) == 1
    assert run("grades", "list", **here).stderr == "no grades\n"


def test_grades_are_the_same_of_the_service_and_in_its_database(run: Run, server: Process, url: str) -> None:
    with Client(server.address) as client:
        (right, wrong) = (
            client.grade(GradeRequest(question_id="ds25-11", answer=answer, candidate_id=f"c-{place}"))
            for place, answer in enumerate((ANSWER, WRONG))
        )
    there, here = {"GRADER_SERVER": server.address}, {"GRADER_DATABASE_URL": url}
    asks = [
        ["grades", "list"],
        ["grades", "list", "--json"],
        ["grades", "list", "--question", "ds25-11", "--candidate", "c-1", "--limit", "1"],
        ["grades", "list", "--label", "correct", "--needs-review", "no", "--passed", "yes", "--superseded"],
        ["grades", "list", "--after", "2020-01-01", "--before", "2021-01-01"],
        ["grades", "show", right.id],
        ["grades", "show", right.id, "--json"],
        ["grades", "show", wrong.id, "--explain"],
        ["grades", "show", "grade_none"],
        ["grades", "override", right.id, "--author", "Ada", "--reason", "so", "--verdict", "x=met"],
        ["grades", "override", right.id, "--author", "Ada", "--reason", "so", "--verdict", "met"],
        ["grades", "override", right.id, "--author", "Ada", "--reason", "so"],
        ["grades", "override", right.id, "--author", "Ada", "--reason", "so", "--score", "2"],
        ["grades", "list", "--label", "good"],
        ["grades", "regrade"],
    ]
    for asked in asks:
        assert run(*asked, **there) == run(*asked, **here), asked
    for asked, by in (("there", there), ("here", here)):
        decided = run("grades", "override", wrong.id, "--author", asked, "--reason", "as I say", "--score", "0.9", **by)
        assert (decided.status, decided.stdout) == (0, f"{asked} decided: 9 points, correct, passed, score 0.90\n")
    assert run("grades", "show", wrong.id, **there).stdout.count("as I say") == 2


@pytest.mark.model
def test_stored_answers_are_graded_again_as_a_preview_and_for_good(
    run: Run, server: Process, url: str, tmp_path: Path
) -> None:
    there, here = {"GRADER_SERVER": server.address}, {"GRADER_DATABASE_URL": url}
    file = tmp_path / "sea.yaml"
    again = ["grades", "regrade", "--bank", "sea"]
    file.write_text(SEA.format(keyword="blue"), encoding="utf-8")
    assert run("bank", "put", str(file), **there).status == 0
    with Client(server.address) as client:
        made = client.grade(GradeRequest(question_id="sea-1", answer="The sea looks blue."))
    assert made.passed
    assert run(*again, **there).stdout == "1 considered: 0 would change, 1 stay as they are\n"
    file.write_text(SEA.format(keyword="turquoise"), encoding="utf-8")
    assert run("bank", "put", str(file), **there).status == 0
    told = run(*again, **there).stdout
    assert made.id in told
    assert "fails now" in told
    assert told.endswith("1 considered: 1 would change, 0 stay as they are\n")
    # this process has another encoder than the service: scores differ, the outcome does not
    (preview,) = json.loads(run(*again, "--json", **here).stdout)["changes"]
    assert (preview["grade_id"], preview["crosses"], preview["new_id"]) == (made.id, "to_failed", None)
    (kept,) = json.loads(run(*again, "--keep", "--json", **here).stdout)["changes"]
    with Client(server.address) as client:
        assert client.get_grade(made.id).superseded_by == kept["new_id"]
