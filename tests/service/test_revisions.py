"""Two phases: a local grade at once, and a language model's revision later, under the same id with its history."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from chat_endpoint import ChatEndpoint, answer_in, believer, completion, refused
from chat_endpoint import serving as serving_model
from command import run_grader
from grader_api.client import Client
from grader_api.store.database import Database
from grader_api.store.log import verify
from grader_api.store.tables import AWAITED_REVISIONS, LOG, REVISIONS
from sqlalchemy import func, select, text
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from grader.llm.endpoint import Endpoint
from grader.llm.judge import ChatJudge, Limits
from service.conftest import ANSWER, Start, grade, make_key, serving
from service.test_webhooks import SECRET, receiving

OTHER_WORDS = "With dropout random cells of the layer sleep while it learns, and it does better on new data."
YAML = {"Content-Type": "application/yaml"}
SKY = "{bank: sky, title: Sky, questions: [{id: sky-1, question: What colour?, references: [It is blue.]}]}"


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    """A language model that believes everything."""
    with serving_model(ChatEndpoint(believer)) as served:
        yield served


def judge_at(endpoint: ChatEndpoint, limits: Limits | None = None) -> ChatJudge:
    return ChatJudge(Endpoint(endpoint.base_url, "believer", attempts=1), limits)


@pytest.fixture
def client(start: Start, database_url: str, endpoint: ChatEndpoint) -> TestClient:
    """A service that asks about every answer, on either database."""
    return start(database_url, judge_at(endpoint), judge_mode="always")


@pytest.fixture
def local(start: Start, sqlite_url: str, endpoint: ChatEndpoint) -> TestClient:
    """The same on SQLite."""
    return start(sqlite_url, judge_at(endpoint), judge_mode="always")


@contextmanager
def held(endpoint: ChatEndpoint) -> Iterator[None]:
    """The language model says nothing until the end."""
    endpoint.open.clear()
    try:
        yield
    finally:
        endpoint.open.set()


def settled(client: TestClient | httpx2.Client, grade_id: str) -> dict[str, Any]:
    """A grade, once nothing is awaited."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found: dict[str, Any] = client.get(f"/v1/grades/{grade_id}").json()
        if found["revision"] != "pending":
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def faults(url: str) -> list[str]:
    database = Database(url)
    with database.read() as connection:
        found = verify(connection)
    database.close()
    return found


def count(url: str, table: Any) -> int:
    database = Database(url)
    with database.read() as connection:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
    database.close()
    return int(found)


def test_a_local_grade_comes_at_once_and_the_revision_under_the_same_id(
    client: TestClient, endpoint: ChatEndpoint, database_url: str
) -> None:
    with held(endpoint):
        made = grade(client, OTHER_WORDS, candidate_id="c1")
        assert (made["revision"], made["history"], made["receipt"]["remote_judge"]) == ("pending", [], None)
        assert client.get(f"/v1/grades/{made['id']}").json() == made
    now = settled(client, made["id"])
    assert (now["id"], now["revision"], now["created_at"]) == (made["id"], "done", made["created_at"])
    assert now["receipt"]["remote_judge"].startswith("believer prompt-")
    assert made["score"] < now["score"] == now["final"]["score"] == 1.0
    assert now["candidate_id"] == "c1"
    ((past,),) = ([one["grade"] for one in now["history"]],)
    assert past == {name: made[name] for name in past}
    assert faults(database_url) == []
    assert count(database_url, AWAITED_REVISIONS) == 0


def test_each_of_several_is_revised(local: TestClient) -> None:
    requests = [{"question_id": "tiny-1", "answer": f"{OTHER_WORDS} {number}"} for number in range(5)]
    results = local.post("/v1/grades", json={"requests": [*requests, {"answer": "?"}]}).json()["results"]
    assert [one["grade"]["revision"] for one in results[:5]] == ["pending"] * 5
    assert [settled(local, one["grade"]["id"])["revision"] for one in results[:5]] == ["done"] * 5


def test_events_tell_of_the_revision(local: TestClient, endpoint: ChatEndpoint) -> None:
    with held(endpoint):
        made = grade(local, OTHER_WORDS)
    lines = local.get(f"/v1/grades/{made['id']}/events").text.split("\n")
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert [one["revision"] for one in told][-1] == "done"
    assert told[-1] == local.get(f"/v1/grades/{made['id']}").json()
    assert lines.count("event: grade") == len(told)


def test_without_verdicts_the_local_grade_stands_and_says_so(local: TestClient, endpoint: ChatEndpoint) -> None:
    endpoint.start_over(lambda _: completion("A fine answer: 10 of 10."))
    made = grade(local, OTHER_WORDS)
    now = settled(local, made["id"])
    assert (now["revision"], now["score"], now["history"]) == ("unscored", made["score"], [])
    assert (now["remote"]["outcome"], now["receipt"]["remote_judge"]) == ("malformed", None)
    assert "this is the local grade" in now["feedback"]["grader"]


def test_a_language_model_that_is_set_up_wrongly_leaves_local_grades(local: TestClient, endpoint: ChatEndpoint) -> None:
    endpoint.start_over(lambda _: refused(401, "s3cret"))
    now = settled(local, grade(local, OTHER_WORDS)["id"])
    assert (now["revision"], now["remote"]["outcome"]) == ("unscored", "not_asked")
    assert endpoint.base_url not in json.dumps(now)


def test_what_is_spent_is_not_overspent(start: Start, sqlite_url: str, endpoint: ChatEndpoint) -> None:
    client = start(sqlite_url, judge_at(endpoint, Limits(max_tokens=10)), judge_mode="always")
    assert settled(client, grade(client, OTHER_WORDS)["id"])["remote"]["outcome"] == "over_budget"
    assert endpoint.asked == []


def test_a_person_who_decides_before_the_revision_wins(
    client: TestClient, endpoint: ChatEndpoint, database_url: str
) -> None:
    with held(endpoint):
        made = grade(client, OTHER_WORDS)
        path = f"/v1/grades/{made['id']}"
        client.post(f"{path}/overrides", json={"author": "Ada", "reason": "read it", "score": 0.5})
    now = settled(client, made["id"])
    assert (now["revision"], now["score"], now["final"]["by"], now["final"]["score"]) == (
        "done", made["score"], "person", 0.5,
    )  # fmt: skip
    (past,) = now["history"]
    assert (past["grade"]["score"], past["created_at"] > made["created_at"]) == (1.0, True)
    assert faults(database_url) == []


def test_a_person_who_decides_after_it_decides_about_it(local: TestClient) -> None:
    made = settled(local, grade(local, OTHER_WORDS)["id"])
    verdicts = {"deactivates": "missing"}
    body = {"author": "Ada", "reason": "no", "verdicts": verdicts}
    decided = local.post(f"/v1/grades/{made['id']}/overrides", json=body).json()
    assert decided["score"] == pytest.approx(1 / 3, abs=1e-4), "the other verdict is the language model's"
    now = local.get(f"/v1/grades/{made['id']}").json()
    assert (now["score"], now["final"]["by"]) == (1.0, "person")


def test_nobody_accepts_on_the_page_what_they_have_not_seen(local: TestClient, endpoint: ChatEndpoint) -> None:
    with held(endpoint):
        made = grade(local, OTHER_WORDS)
    now = settled(local, made["id"])
    form = {"author": "Ada", "decision": "accept", "shown": str(made["score"])}
    page, headers = f"/grades/{made['id']}", {"Origin": "http://127.0.0.1"}
    refused_page = local.post(page, data=form, headers=headers)
    assert (refused_page.status_code, "has revised the grade since" in refused_page.text) == (409, True)
    queue = local.get("/review").text
    assert f'name="shown.{made["id"]}" value="{now["score"]}"' in queue
    row = {"author": "Ada", "accept": made["id"], f"shown.{made['id']}": str(made["score"])}
    assert local.post("/review", data=row, headers=headers).status_code == 409
    assert local.post(page, data=form | {"shown": str(now["score"])}, headers=headers).status_code == 200
    assert local.get(f"/v1/grades/{made['id']}").json()["final"]["score"] == now["score"]


def test_a_conversation_waits_for_the_language_model_and_not_for_ever(
    start: Start, sqlite_url: str, endpoint: ChatEndpoint
) -> None:
    client = start(sqlite_url, judge_at(endpoint), judge_mode="always", request_timeout_s=3.0)
    said = [{"role": "user", "content": "Hello"}]
    first = client.post("/v1/chat/completions", json={"model": "interviewer:tiny", "messages": said}).json()
    said.append(first["choices"][0]["message"])
    body = {"model": "interviewer:tiny", "messages": [*said, {"role": "user", "content": OTHER_WORDS}]}
    with held(endpoint):
        local_grade = client.post("/v1/chat/completions", json=body).json()["grade"]
    judged = client.post("/v1/chat/completions", json=body).json()["grade"]
    assert local_grade["score"] < judged["score"] == 1.0
    assert client.get("/v1/grades").json()["items"] == []


def test_lists_go_by_the_grade_that_stands(local: TestClient, endpoint: ChatEndpoint) -> None:
    with held(endpoint):
        made = grade(local, OTHER_WORDS)
        label = {"label": made["label"]}
        assert [one["id"] for one in local.get("/v1/grades", params=label).json()["items"]] == [made["id"]]
    now = settled(local, made["id"])
    assert now["label"] != made["label"]
    assert local.get("/v1/grades", params=label).json()["items"] == []
    assert local.get("/v1/grades", params={"label": now["label"], "passed": "true"}).json()["items"] == [now]
    waiting = local.get("/v1/grades", params={"needs_review": str(now["needs_review"]).lower()}).json()["items"]
    assert waiting == [now]


def test_in_review_mode_only_doubtful_grades_are_asked_about(
    start: Start, sqlite_url: str, endpoint: ChatEndpoint
) -> None:
    client = start(sqlite_url, judge_at(endpoint), judge_mode="review")
    sure = grade(client, OTHER_WORDS)
    assert (sure["needs_review"], sure["revision"]) == (False, None)
    doubtful = grade(client, ANSWER)
    assert (doubtful["needs_review"], settled(client, doubtful["id"])["revision"]) == (True, "done")
    assert [answer_in(body) for body in endpoint.asked] == [ANSWER]
    assert client.get(f"/v1/grades/{sure['id']}").json() == sure


def test_turned_off_nothing_is_awaited(start: Start, sqlite_url: str) -> None:
    made = grade(start(sqlite_url), OTHER_WORDS)
    assert (made["revision"], made["history"]) == (None, [])
    assert count(sqlite_url, AWAITED_REVISIONS) == 0


def test_a_question_that_changed_meanwhile_is_not_judged_as_another(local: TestClient, endpoint: ChatEndpoint) -> None:
    local.put("/v1/banks/sky", content=SKY, headers=YAML)
    service = local.app.state.service  # type: ignore[attr-defined]  # a client's application is any
    with held(endpoint):
        busy = [grade(local, f"{OTHER_WORDS} {number}") for number in range(8)]  # all that may be asked about at a time
        made = grade(local, "It is blue by day.", question_id="sky-1")
        local.put("/v1/banks/sky", content=SKY.replace("It is blue.", "It is black."), headers=YAML)
        service.libraries.shelf("default")
    now = settled(local, made["id"])
    assert {settled(local, one["id"])["revision"] for one in busy} == {"done"}
    assert (now["revision"], now["remote"]["outcome"], now["score"]) == ("unscored", "not_asked", made["score"])


def test_what_is_graded_again_is_judged_again(local: TestClient) -> None:
    local.put("/v1/banks/sky", content=SKY, headers=YAML)
    old = settled(local, grade(local, "It is blue by day.", question_id="sky-1")["id"])
    local.put("/v1/banks/sky", content=SKY.replace("It is blue.", "Cows eat grass."), headers=YAML)
    (change,) = local.post("/v1/regrades", json={"bank": "sky", "dry_run": False}).json()["changes"]
    new = settled(local, change["new_id"])
    assert (old["revision"], new["revision"], new["supersedes"]) == ("done", "done", old["id"])
    unchanged = local.post("/v1/regrades", json={"bank": "sky", "dry_run": False}).json()
    assert (unchanged["changes"], unchanged["unchanged"]) == ([], 1)


def test_an_erased_candidates_revision_vanishes(client: TestClient, endpoint: ChatEndpoint, database_url: str) -> None:
    with held(endpoint):
        made = grade(client, OTHER_WORDS, candidate_id="c1")
        done = grade(client, f"{OTHER_WORDS} 2", candidate_id="c2")
        while not endpoint.asked:
            time.sleep(0.01)
        assert client.delete("/v1/candidates/c1").json() == {"grades": 1, "rows": 0}
    assert settled(client, done["id"])["revision"] == "done"
    assert client.get(f"/v1/grades/{made['id']}").status_code == 404
    assert client.delete("/v1/candidates/c2").json() == {"grades": 1, "rows": 0}
    assert count(database_url, REVISIONS) == count(database_url, AWAITED_REVISIONS) == 0
    assert faults(database_url) == []
    assert OTHER_WORDS not in _logged(database_url)


def _logged(url: str) -> str:
    database = Database(url)
    with database.read() as connection:
        told = " ".join(str(row) for row in connection.execute(select(LOG)))
    database.close()
    return told


def test_a_revision_that_is_changed_behind_its_back_shows(client: TestClient, database_url: str) -> None:
    settled(client, grade(client, OTHER_WORDS)["id"])
    database = Database(database_url)
    with database.write() as connection:
        tail = " ON revisions" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER revisions_no_update{tail}"))
        connection.execute(text("UPDATE revisions SET score = 0.1"))
    database.close()
    assert [fault.partition(": ")[2] for fault in faults(database_url)] == ["changed after it was written"]


def test_no_other_tenant_hears_of_it(start: Start, sqlite_url: str, endpoint: ChatEndpoint) -> None:
    ours, theirs = (make_key(sqlite_url, "grade", "read", tenant=name) for name in ("ours", "theirs"))
    client = start(sqlite_url, judge_at(endpoint), judge_mode="always")
    made = client.post("/v1/grades", json={"question_id": "tiny-1", "answer": OTHER_WORDS}, headers=ours).json()
    path = f"/v1/grades/{made['id']}/events"
    assert client.get(path, headers=theirs).status_code == 404
    assert '"revision":"done"' in client.get(path, headers=ours).text


def test_counters_tell_of_the_language_model(start: Start, sqlite_url: str, endpoint: ChatEndpoint) -> None:
    from grader.llm.budget import Prices  # noqa: PLC0415 (no other test counts money)

    client = start(sqlite_url, judge_at(endpoint, Limits(prices=Prices(1.0, 10.0))), judge_mode="always")
    settled(client, grade(client, OTHER_WORDS)["id"])
    endpoint.start_over(lambda _: refused(400, "too long"))
    settled(client, grade(client, f"{OTHER_WORDS} 2")["id"])
    told = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert told['grader_judge_answers_total{outcome="judged",source="asked"}'] == "1.0"
    assert told['grader_judge_answers_total{outcome="rejected",source="asked"}'] == "1.0"
    assert told["grader_judge_seconds_count"] == "2.0"
    assert told['grader_judge_tokens_total{direction="read"}'] == "100.0"
    assert float(told["grader_judge_cost_total"]) == pytest.approx(0.0002)


def test_a_webhook_tells_of_the_revision(start: Start, sqlite_url: str, endpoint: ChatEndpoint) -> None:
    client = start(sqlite_url, judge_at(endpoint), judge_mode="always", webhooks_to_private=True)
    with receiving((200, {})) as receiver:
        headers = {"Webhook-Url": receiver.url, "Webhook-Secret": SECRET}
        made = client.post("/v1/grades", json={"question_id": "tiny-1", "answer": OTHER_WORDS}, headers=headers).json()
        now = settled(client, made["id"])
        until = time.monotonic() + 20
        while not receiver.got and time.monotonic() < until:
            time.sleep(0.05)
    ((told, body),) = receiver.got
    event = Webhook(base64.b64decode(SECRET.removeprefix("whsec_"))).verify(body, told)
    assert (event["type"], event["data"]) == ("grade.revised", now)
    refusal = client.post("/v1/grades", json={"question_id": "tiny-1", "answer": "x"}, headers={"Webhook-Url": "x"})
    assert refusal.status_code == 422


def test_a_batch_asks_about_the_rows_that_need_review(start: Start, sqlite_url: str, endpoint: ChatEndpoint) -> None:
    limits = Limits(max_tokens=20_000)
    client = start(sqlite_url, judge_at(endpoint, limits), judge_mode="review")
    answers = [OTHER_WORDS, ANSWER, ANSWER, *(f"{ANSWER} {number}" for number in range(8))]
    rows = [{"question_id": "tiny-1", "answer": answer} for answer in answers]
    batch = client.post("/v1/batches", json={"rows": rows, "output_format": "jsonl"}).json()
    until = time.monotonic() + 60
    while batch["finished_at"] is None and time.monotonic() < until:
        time.sleep(0.05)
        batch = client.get(f"/v1/batches/{batch['id']}").json()
    lines = [json.loads(line) for line in client.get(f"/v1/batches/{batch['id']}/output").text.splitlines()]
    told = [line["remote_judge"] for line in lines]
    assert told[:3] == [None, "judged", "judged"], "one is sure; of two that are the same one is asked about"
    assert (lines[1]["score"], set(told[3:])) == (1.0, {"judged", "over_budget"})
    assert len(endpoint.asked) == len(set(answers[1:])) - told.count("over_budget")
    assert (batch["request_counts"]["completed"], batch["request_counts"]["failed"]) == (len(rows), 0)


def environment(endpoint: ChatEndpoint) -> dict[str, str]:
    return {
        "GRADER_JUDGE_MODE": "always",
        "GRADER_JUDGE_BASE_URL": endpoint.base_url,
        "GRADER_JUDGE_MODEL": "believer",
        "GRADER_REPLICA_TIMEOUT_S": "1",
    }


def post(client: httpx2.Client, answer: str) -> dict[str, Any]:
    made: dict[str, Any] = client.post("/v1/grades", json={"question_id": "tiny-1", "answer": answer}).json()
    return made


def test_killed_in_the_midst_no_revision_is_lost(sqlite_url: str, endpoint: ChatEndpoint, tmp_path: Path) -> None:
    settings = environment(endpoint) | {"GRADER_CACHE_DIR": str(tmp_path)}
    with held(endpoint), serving(sqlite_url, **settings) as server:
        with httpx2.Client(base_url=server.address, timeout=30) as client:
            made = [post(client, f"{OTHER_WORDS} {number}") for number in range(20)]
        while not endpoint.asked:
            time.sleep(0.01)
        server.kill()
    with serving(sqlite_url, **settings) as server, Client(server.address) as asking:
        now = [asking.await_revision(one["id"]) for one in made]
    assert {one.revision for one in now} == {"done"}
    assert count(sqlite_url, REVISIONS) == len(made)
    assert not (tmp_path / "judged").exists(), "replies quote answers, which may be erased"
    assert faults(sqlite_url) == []


def test_the_command_line_waits_for_the_revision(sqlite_url: str, endpoint: ChatEndpoint, tmp_path: Path) -> None:
    settings = environment(endpoint) | {"GRADER_CACHE_DIR": str(tmp_path)}
    with serving(sqlite_url, **settings) as server:

        def run(*arguments: str) -> tuple[dict[str, Any], str]:
            done = run_grader(*arguments, "--json", GRADER_SERVER=server.address)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout), done.stderr

        with held(endpoint):
            pending, told = run("grade", "tiny-1", OTHER_WORDS, "--wait", "1")
        assert pending["revision"] == "pending"
        kept, late = told.splitlines()
        assert kept == f"kept as {pending['id']}, and a language model's revision is pending"
        assert late == f"no revision within 1 s; to wait on: grader grades show {pending['id']} --wait 60"
        shown, told = run(*late.partition("grader ")[2].split())
        assert (shown["revision"], shown["score"], told) == ("done", 1.0, "")
        revised, told = run("grade", "tiny-1", f"{OTHER_WORDS} 2", "--wait", "60")
        assert (revised["revision"], revised["score"]) == ("done", 1.0)
        assert told.startswith("kept as grade_")


def test_it_ends_while_the_language_model_says_nothing(sqlite_url: str, endpoint: ChatEndpoint, tmp_path: Path) -> None:
    settings = environment(endpoint) | {"GRADER_CACHE_DIR": str(tmp_path)}
    with held(endpoint), serving(sqlite_url, **settings) as server:
        with httpx2.Client(base_url=server.address, timeout=30) as client:
            made = post(client, OTHER_WORDS)
        while not endpoint.asked:
            time.sleep(0.01)
        shown = run_grader("grades", "show", made["id"], GRADER_SERVER=server.address)
        status, log, seconds = server.end()
    assert "a language model's revision is pending" in shown.stdout, shown.stderr
    assert status == 0, log
    assert seconds < 10
    with serving(sqlite_url, **settings) as server, httpx2.Client(base_url=server.address, timeout=30) as client:
        assert settled(client, made["id"])["revision"] == "done"


def test_two_processes_ask_about_each_answer_once(postgres_url: str, endpoint: ChatEndpoint, tmp_path: Path) -> None:
    settings = environment(endpoint) | {"GRADER_CACHE_DIR": str(tmp_path)}
    with serving(postgres_url, **settings) as one, serving(postgres_url, **settings) as other:
        clients = [httpx2.Client(base_url=server.address, timeout=30) for server in (one, other)]
        made = [post(clients[number % 2], f"{OTHER_WORDS} {number}") for number in range(12)]
        now = [settled(clients[0], made_one["id"]) for made_one in made]
        for client in clients:
            client.close()
    assert {one["revision"] for one in now} == {"done"}
    assert [len(one["history"]) for one in now] == [1] * len(made)
    assert len(endpoint.asked) == len(made)
