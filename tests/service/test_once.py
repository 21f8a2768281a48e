"""Idempotency keys: whatever is sent again, and however often, is done once."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from grader_api.store.database import Database
from grader_api.store.tables import REPLIES
from sqlalchemy import update
from starlette.testclient import TestClient

from service.conftest import ANSWER, Held, Start, held_client, serving

BODY = {"question_id": "tiny-1", "answer": ANSWER, "candidate_id": "c"}
KEY = {"Idempotency-Key": "order-1"}


@pytest.mark.parametrize("body", [BODY, {"requests": [BODY, {"answer": "no question"}]}])
def test_the_same_request_is_replayed_to_the_byte(client: TestClient, body: dict[str, Any]) -> None:
    first, second = (client.post("/v1/grades", json=body, headers=KEY) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers.get("location") == second.headers.get("location")
    assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")
    assert len(client.get("/v1/grades").json()["items"]) == 1


def test_another_body_or_path_under_the_key_is_refused(client: TestClient) -> None:
    made = client.post("/v1/grades", json=BODY, headers=KEY).json()
    override = {"author": "a", "reason": "r", "score": 1}
    for path, body in (("/v1/grades", BODY | {"answer": "?"}), (f"/v1/grades/{made['id']}/overrides", override)):
        refused = client.post(path, json=body, headers=KEY)
        assert (refused.status_code, refused.json()["type"]) == (
            422,
            "urn:answer-grader:problem:idempotency-key-reused",
        )


def test_while_the_first_is_worked_on_the_others_are_told_to_wait(database_url: str) -> None:
    encoder = Held()
    with held_client(encoder, database_url) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/grades", json=BODY, headers=KEY)
        assert encoder.entered.wait(10)
        same = client.post("/v1/grades", json=BODY, headers=KEY)
        assert (same.status_code, same.json()["type"]) == (409, "urn:answer-grader:problem:in-flight")
        assert int(same.headers["retry-after"]) >= 1
        other = client.post("/v1/grades", json=BODY | {"answer": "?"}, headers=KEY)
        assert (other.status_code, other.json()["type"]) == (422, "urn:answer-grader:problem:idempotency-key-reused")
        encoder.let.set()
        assert first.result().status_code == 201
        assert client.post("/v1/grades", json=BODY, headers=KEY).content == first.result().content


def test_overrides_and_regrades_are_done_once(client: TestClient) -> None:
    made = client.post("/v1/grades", json=BODY).json()
    path, override = f"/v1/grades/{made['id']}/overrides", {"author": "a", "reason": "r", "score": 1}
    first, second = (client.post(path, json=override, headers=KEY) for _ in range(2))
    assert first.content == second.content
    assert len(client.get(f"/v1/grades/{made['id']}").json()["overrides"]) == 1
    regrade = {"question_id": "tiny-1", "dry_run": False}
    first, second = (client.post("/v1/regrades", json=regrade, headers={"Idempotency-Key": "r"}) for _ in range(2))
    assert (first.content, second.headers["idempotency-replayed"]) == (second.content, "true")


def test_what_failed_may_be_tried_again(client: TestClient) -> None:
    assert client.post("/v1/grades", json=BODY | {"question_id": "sky-1"}, headers=KEY).status_code == 404
    assert client.post("/v1/grades", json=BODY, headers=KEY).status_code == 201


def test_a_key_is_free_again_after_a_day(start: Start, database_url: str) -> None:
    client = start(database_url)
    first = client.post("/v1/grades", json=BODY, headers=KEY).json()
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(update(REPLIES).values(created_at=datetime.now(UTC) - timedelta(hours=24, seconds=1)))
    database.close()
    assert client.post("/v1/grades", json=BODY, headers=KEY).json()["id"] != first["id"]
    assert client.post("/v1/grades", json=BODY, headers=KEY).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é".encode()])
def test_a_key_is_plain_text(local: TestClient, key: str | bytes) -> None:
    assert local.post("/v1/grades", json=BODY, headers={"Idempotency-Key": key}).status_code == 422


def test_two_services_on_one_database_make_one_grade(start: Start, database_url: str) -> None:
    one, other = start(database_url), start(database_url)
    first = one.post("/v1/grades", json=BODY, headers=KEY)
    second = other.post("/v1/grades", json=BODY, headers=KEY)
    assert (first.content, second.headers["idempotency-replayed"]) == (second.content, "true")


def test_a_thousand_duplicates_at_once_make_one_grade(database_url: str) -> None:
    async def send(address: str) -> list[httpx2.Response]:
        async with httpx2.AsyncClient(
            base_url=address, limits=httpx2.Limits(max_connections=100), timeout=60
        ) as client:
            return await asyncio.gather(*(client.post("/v1/grades", json=BODY, headers=KEY) for _ in range(1000)))

    with serving(database_url) as server:
        responses = asyncio.run(send(server.address))
        statuses = Counter(response.status_code for response in responses)
        assert set(statuses) <= {201, 409}
        assert statuses[201] >= 1
        assert len({response.content for response in responses if response.status_code == 201}) == 1
        assert len(httpx2.get(f"{server.address}/v1/grades").json()["items"]) == 1
