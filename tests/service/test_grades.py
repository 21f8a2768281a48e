"""Grades: made alone and together, read, listed, filtered, paged; the same on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from grader.grade import Grade
from service.conftest import ANSWER, WRONG, Start, grade


def test_a_grade_is_made_kept_and_found_again(client: TestClient) -> None:
    response = client.post(
        "/v1/grades",
        json={"question_id": "tiny-1", "answer": ANSWER, "candidate_id": "Zoë, 7", "metadata": {"essay": "1\u0000"}},
    )
    assert response.status_code == 201
    made = response.json()
    assert (made["label"], made["candidate_id"], made["answer"]) == ("correct", "Zoë, 7", ANSWER)
    assert made["final"] == {"by": "machine"} | {name: made[name] for name in ("score", "points", "passed", "label")}
    assert client.get(response.headers["location"]).json() == made


def test_a_grade_over_http_is_the_grade_of_the_library(client: TestClient, dropout_grader: Any) -> None:
    from grader.request import GradeRequest  # noqa: PLC0415 (beside what it is compared with)

    made = grade(client, WRONG)
    alone = dropout_grader.grade(GradeRequest(question_id="tiny-1", answer=WRONG))
    assert Grade.model_validate({name: made[name] for name in Grade.model_fields}) == alone


def test_a_question_of_no_bank_is_graded(client: TestClient) -> None:
    made = client.post(
        "/v1/grades", json={"question": "What is 2 + 2?", "references": ["The sum is four."], "answer": "It is four."}
    ).json()
    assert made["question_id"] is None
    assert "drafted_rubric" in made["reasons"]


def test_several_answers_have_results_in_order_and_faults_of_their_own(client: TestClient) -> None:
    requests = [
        {"question_id": "tiny-1", "answer": WRONG},
        {"question_id": "tiny-11", "answer": "?"},
        {"question_id": "tiny-1", "answer": ANSWER, "max_point": 3},
        {"question_id": "tiny-1", "answer": ANSWER},
    ]
    response = client.post("/v1/grades", json={"requests": requests})
    assert response.status_code == 200
    first, second, third, last = response.json()["results"]
    assert [one["grade"] and one["grade"]["answer"] for one in (first, last)] == [WRONG, ANSWER]
    assert second["problem"]["nearest"][0] == "tiny-1"
    assert third["problem"]["errors"][0]["path"] == "requests[2].max_point"
    assert [item["id"] for item in client.get("/v1/grades").json()["items"]] == [
        last["grade"]["id"],
        first["grade"]["id"],
    ]


def test_a_call_has_no_more_answers_than_allowed(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url, max_client_batch_size=2)
    one = {"question_id": "tiny-1", "answer": ANSWER}
    assert client.post("/v1/grades", json={"requests": [one] * 2}).status_code == 200
    refused = client.post("/v1/grades", json={"requests": [one] * 3})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:answer-grader:problem:too-many-answers")


def test_pages_hold_every_grade_once_newest_first(client: TestClient) -> None:
    made = [grade(client, f"{ANSWER} {number}")["id"] for number in range(7)]
    seen, cursor = [], None
    while True:
        page = client.get("/v1/grades", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"question_id": "tiny-2"}, [2]),
        ({"bank": "tiny"}, [2, 1, 0]),
        ({"bank": "other"}, []),
        ({"candidate_id": "b"}, [1]),
        ({"label": "incorrect"}, [1]),
        ({"passed": "true", "candidate_id": "a"}, [0]),
        ({"needs_review": "true"}, [0]),
        ({"created_after": "2020-01-01T00:00:00Z"}, [2, 1, 0]),
        ({"created_before": "2020-01-01T00:00:00Z"}, []),
    ],
)
def test_lists_are_filtered(client: TestClient, wanted: dict[str, str], found: list[int]) -> None:
    made = [grade(client, candidate_id="a"), grade(client, WRONG, candidate_id="b")]
    made.append(grade(client, "Mars and Venus are planets.", question_id="tiny-2", candidate_id="c"))
    assert [one["needs_review"] for one in made] == [True, False, False]
    ids = [item["id"] for item in client.get("/v1/grades", params=wanted).json()["items"]]
    assert ids == [made[place]["id"] for place in found]


def test_a_candidate_is_erased_for_good(client: TestClient) -> None:
    once = {"Idempotency-Key": "k"}
    body = {"question_id": "tiny-1", "answer": "My name is Jane Roe.", "candidate_id": "a/../b c"}
    gone = client.post("/v1/grades", json=body, headers=once).json()
    kept = grade(client, candidate_id="other")
    path, again = "/v1/candidates/a%2F..%2Fb%20c", {"Idempotency-Key": "erase"}
    assert [client.delete(path, headers=again).json() for _ in range(2)] == [{"grades": 1, "rows": 0}] * 2
    missing = client.delete(path)
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:answer-grader:problem:unknown-candidate")
    assert client.get(f"/v1/grades/{gone['id']}").status_code == 404
    assert [item["id"] for item in client.get("/v1/grades").json()["items"]] == [kept["id"]]
    anew = client.post("/v1/grades", json=body, headers=once).json()  # not even the kept reply tells it
    assert anew["id"] != gone["id"]
