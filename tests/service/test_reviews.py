"""Overrides and re-grades: a person's word stands, the machine's stays in the history."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from service.conftest import ANSWER, WRONG, grade

HEADERS = {"Content-Type": "application/yaml"}


def bank(reference: str) -> str:
    return f"""
bank: colours
title: Colours
questions:
  - id: colours-1
    question: What colour is the sky?
    references: [{reference}]
"""


def test_a_score_overrides_and_the_machines_grade_stays(client: TestClient) -> None:
    made = grade(client, WRONG)
    path = f"/v1/grades/{made['id']}"
    decided = client.post(f"{path}/overrides", json={"author": "Ada", "reason": "meant in training", "score": 0.9})
    assert decided.status_code == 201
    now = client.get(path).json()
    assert now["final"] == {"by": "person", "score": 0.9, "points": 9.0, "passed": True, "label": "correct"}
    assert (now["score"], now["overrides"]) == (made["score"], [decided.json()])
    client.post(f"{path}/overrides", json={"author": "Bo", "reason": "no", "score": 0.1})
    again = client.get(path).json()
    assert (again["final"]["score"], [one["author"] for one in again["overrides"]]) == (0.1, ["Ada", "Bo"])


def test_verdicts_override_by_the_weights_of_the_criteria(client: TestClient) -> None:
    made = grade(client, WRONG)
    verdicts = {"deactivates": "met", "less-overfitting": "missing"}  # weights 2 and 1
    decided = client.post(
        f"/v1/grades/{made['id']}/overrides", json={"author": "Ada", "reason": "read it", "verdicts": verdicts}
    ).json()
    assert (decided["score"], decided["points"], decided["label"]) == (0.6667, 6.5, "partial")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"author": "Ada", "reason": "?"}, ""),
        ({"author": "Ada", "reason": "?", "score": 1.01}, "score"),
        ({"author": "Ada", "reason": "?", "score": "1"}, "score"),
        ({"author": "Ada\u0000", "reason": "?", "score": 1}, "author"),
        ({"author": "Ada", "reason": "?", "verdicts": {"no-such": "met"}}, "verdicts.no-such"),
        ({"author": "Ada", "reason": "?", "verdicts": {"deactivates": "right"}}, "verdicts.deactivates"),
    ],
)
def test_a_faulty_override_is_told_by_its_path(local: TestClient, body: dict[str, Any], path: str) -> None:
    refused = local.post(f"/v1/grades/{grade(local)['id']}/overrides", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, path)


def test_a_changed_bank_is_previewed_and_then_graded_by(client: TestClient) -> None:
    client.put("/v1/banks/colours", content=bank("The sky is blue in daylight."), headers=HEADERS)
    old = grade(client, "The sky is blue in daylight.", question_id="colours-1", candidate_id="c")
    overridden = grade(client, "The sky is blue in daylight.", question_id="colours-1")
    client.post(f"/v1/grades/{overridden['id']}/overrides", json={"author": "Ada", "reason": "!", "score": 1})
    client.put("/v1/banks/colours", content=bank("Cows eat grass."), headers=HEADERS)

    preview = client.post("/v1/regrades", json={"bank": "colours"}).json()
    (change,) = preview["changes"]
    assert (change["grade_id"], change["new_id"], change["crosses"]) == (old["id"], None, "to_failed")
    assert preview["skipped"] == [overridden["id"]]
    assert client.get(f"/v1/grades/{old['id']}").json()["superseded_by"] is None

    (done,) = client.post("/v1/regrades", json={"bank": "colours", "dry_run": False}).json()["changes"]
    new = client.get(f"/v1/grades/{done['new_id']}").json()
    assert (new["supersedes"], new["candidate_id"], new["score"]) == (old["id"], "c", change["score_after"])
    assert client.get(f"/v1/grades/{old['id']}").json()["superseded_by"] == new["id"]
    assert new["receipt"]["bank_hash"] != old["receipt"]["bank_hash"]
    current = [item["id"] for item in client.get("/v1/grades").json()["items"]]
    every = [item["id"] for item in client.get("/v1/grades", params={"superseded": True}).json()["items"]]
    assert (current, every) == ([new["id"], overridden["id"]], [new["id"], overridden["id"], old["id"]])
    again = client.post("/v1/regrades", json={"bank": "colours", "dry_run": False}).json()
    assert (again["changes"], again["unchanged"]) == ([], 1)


def test_answers_to_a_deleted_question_are_told_and_left_alone(client: TestClient) -> None:
    client.put("/v1/banks/colours", content=bank("The sky is blue."), headers=HEADERS)
    made = grade(client, "It is blue.", question_id="colours-1")
    client.delete("/v1/banks/colours")
    assert client.post("/v1/regrades", json={"question_id": "colours-1"}).json()["failed"] == [made["id"]]


def test_regrades_go_on_by_cursor(start: Any, sqlite_url: str) -> None:
    client = start(sqlite_url, max_regrade=2)
    made = [grade(client, f"{ANSWER} {number}")["id"] for number in range(5)]
    seen, cursor = 0, None
    while True:
        page = client.post("/v1/regrades", json={"question_id": "tiny-1", "cursor": cursor}).json()
        seen, cursor = seen + page["considered"], page["next_cursor"]
        if cursor is None:
            break
    assert seen == len(made)


def test_a_grade_that_is_not_there_cannot_be_graded_again(local: TestClient) -> None:
    refused = local.post("/v1/regrades", json={"grade_ids": [grade(local)["id"], "grade_0"]})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (404, "grade_ids[1]")
