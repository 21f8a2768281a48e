"""Banks and questions: versions kept, built-in banks untouched, what gives answers away kept from those who may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import DROPOUT_BANK
from grader_api.errors import BanksChanged
from grader_api.store.banks import BankChange, add_version
from grader_api.store.database import Database
from starlette.testclient import TestClient

from grader.bank.question import Bank, Question
from service.conftest import Start, grade, make_key

YAML = {"Content-Type": "application/yaml"}
SKY = """
bank: sky
title: The sky
questions:
  - id: sky-1
    question: What colour is the sky?
    references: [The sky is blue.]
    topic: colours
"""


def test_a_bank_is_put_as_yaml_graded_by_and_deleted(client: TestClient) -> None:
    made = client.put("/v1/banks/sky", content=SKY, headers=YAML)
    assert (made.status_code, made.json()["number"]) == (201, 1)
    graded = grade(client, "The sky is blue.", question_id="sky-1")
    assert graded["receipt"]["bank_hash"] == made.json()["version"]
    assert client.delete("/v1/banks/sky").status_code == 204
    assert client.get("/v1/banks/sky").json()["detail"] == "bank 'sky' was deleted"
    refused = client.post("/v1/grades", json={"question_id": "sky-1", "answer": "blue"})
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:answer-grader:problem:unknown-question")
    assert client.get(f"/v1/grades/{graded['id']}").json() == graded


def test_every_version_is_kept_and_equal_content_makes_none(client: TestClient) -> None:
    first = client.put("/v1/banks/sky", content=SKY, headers=YAML).json()
    same = client.put("/v1/banks/sky", content=SKY + "\n# a remark", headers=YAML)
    assert (same.status_code, same.json()) == (200, first)
    client.put("/v1/banks/sky", content=SKY.replace("blue", "red"), headers=YAML)
    client.delete("/v1/banks/sky")
    client.put("/v1/banks/sky", content=SKY, headers=YAML)
    versions = client.get("/v1/banks/sky/versions").json()["items"]
    assert [(one["number"], one["version"] is None) for one in versions] == [
        (4, False),
        (3, True),
        (2, False),
        (1, False),
    ]
    older = client.get("/v1/banks/sky", params={"number": 2}).json()
    assert older["document"]["questions"][0]["references"] == ["The sky is red."]
    assert client.get("/v1/banks/sky", params={"number": 3}).status_code == 404


def test_a_bank_is_put_as_json_just_the_same(client: TestClient) -> None:
    question = Question(id="sky-1", question="What colour is the sky? 🌤", references=("The sky is blue.",))
    bank = Bank(bank="sky", title="The sky", questions=(question,))
    made = client.put("/v1/banks/sky", content=bank.model_dump_json(), headers={"Content-Type": "application/json"})
    assert (made.status_code, made.json()["version"]) == (201, bank.content_hash)


@pytest.mark.parametrize(
    ("content", "path", "line"),
    [
        (SKY.replace("title:", "titel:"), "title", 2),
        (SKY.replace("[The sky is blue.]", "[]"), "questions[0].references", 7),
        (SKY.replace("bank: sky", "bank: sea"), "bank", None),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "b[0]", 1),
        ("!!python/object/apply:os.system ['true']", "", 1),
        ("[" * 5000, "", 1),
        ("\ufeff", "", None),
        (b"bank: \xff", "", None),
        ("{}", "bank", 1),
    ],
)
def test_a_faulty_document_is_told_by_path_and_line(
    local: TestClient, content: str | bytes, path: str, line: int | None
) -> None:
    refused = local.put("/v1/banks/sky", content=content, headers=YAML)
    assert refused.status_code == 422, refused.text
    told = refused.json()
    assert told["type"] == "urn:answer-grader:problem:invalid-bank"
    assert (told["errors"][0]["path"], told["errors"][0].get("line")) == (path, line)


def test_what_comes_with_the_service_cannot_be_changed(local: TestClient) -> None:
    tiny = local.put("/v1/banks/tiny", content=SKY.replace("bank: sky", "bank: tiny"), headers=YAML)
    assert (tiny.status_code, local.delete("/v1/banks/tiny").status_code) == (409, 409)
    taken = local.put("/v1/banks/sky", content=SKY.replace("sky-1", "tiny-1"), headers=YAML)
    assert (taken.status_code, taken.json()["errors"][0]["path"]) == (409, "questions[0].id")


@pytest.mark.parametrize("bank_id", ["..", "%2e%2e%2f", "a%00", "A", "x" * 81, "..%2F..%2Fetc%2Fpasswd"])
def test_tricks_in_ids_find_nothing(local: TestClient, bank_id: str) -> None:
    for method, path in (("PUT", ""), ("GET", ""), ("DELETE", ""), ("GET", "/versions")):
        response = local.request(method, f"/v1/banks/{bank_id}{path}", content=SKY, headers=YAML)
        assert 400 <= response.status_code < 500, (method, response.text)


def test_references_and_rubrics_are_for_authors_and_reviewers(start: Start, sqlite_url: str) -> None:
    reader, reviewer = make_key(sqlite_url, "read"), make_key(sqlite_url, "read", "review")
    client = start(sqlite_url)
    seen = client.get("/v1/questions/tiny-1", headers=reader)
    assert seen.json()["references"] is seen.json()["criteria"] is seen.json()["exemplars"] is None
    everything = (
        "".join(
            client.get(path, headers=reader).text
            for path in ("/v1/questions", "/v1/banks", "/v1/banks/tiny", "/v1/questions/tiny-1")
        )
        + client.post("/v1/questions/search", json={"query": "dropout"}, headers=reader).text
    )
    for secret in ("deactivates", "overfitting", 'keywords":[['):
        assert secret not in everything
    assert client.get("/v1/questions/tiny-1", headers=reviewer).json()["references"]
    assert (
        Bank.model_validate_json(client.get("/v1/banks/tiny", headers=reviewer).text.partition('"document":')[2][:-1])
        == DROPOUT_BANK
    )


def test_questions_are_listed_by_bank_and_topic_and_found_by_meaning(client: TestClient) -> None:
    client.put("/v1/banks/sky", content=SKY, headers=YAML)
    assert [item["id"] for item in client.get("/v1/questions").json()["items"]] == ["tiny-1", "tiny-2", "sky-1"]
    assert [item["id"] for item in client.get("/v1/questions?topic=colours").json()["items"]] == ["sky-1"]
    first = client.get("/v1/questions?limit=2").json()
    rest = client.get("/v1/questions", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert ([item["id"] for item in rest["items"]], rest["next_cursor"]) == (["sky-1"], None)
    hits = client.post("/v1/questions/search", json={"query": "two planets", "limit": 2}).json()["items"]
    assert hits[0]["question"]["id"] == "tiny-2"
    assert hits[0]["similarity"] >= hits[1]["similarity"]
    assert client.post("/v1/questions/search", json={"query": "x", "bank": "none"}).status_code == 404


def test_a_bank_is_not_changed_by_who_has_not_seen_its_last_change(database: Database) -> None:
    with database.write() as connection:
        add_version(connection, BankChange("ours", "local", "sky", ("1", "{}"), seen=0))
        with pytest.raises(BanksChanged):
            add_version(connection, BankChange("ours", "local", "sea", ("2", "{}"), seen=0))
        add_version(connection, BankChange("theirs", "local", "sea", ("2", "{}"), seen=0))


def test_banks_put_at_once_are_kept_or_told_to_try_again(client: TestClient) -> None:
    def put(number: int) -> int:
        content = SKY.replace("sky", f"sky{number}")
        return client.put(f"/v1/banks/sky{number}", content=content, headers=YAML).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(put, range(8)))
    assert set(statuses) <= {201, 409}
    kept = [bank["bank"] for bank in client.get("/v1/banks").json()["items"]]
    assert kept == ["tiny", *(f"sky{number}" for number, status in enumerate(statuses) if status == 201)]
