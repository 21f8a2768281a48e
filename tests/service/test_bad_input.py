"""Whatever is sent, the answer is a problem of the client's own, with the path to the fault."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.conftest import ANSWER

JSON = {"Content-Type": "application/json"}
ELECTIVE = """
{"answer": "x", "question": "?", "references": ["r"], "criteria": [{"id": "a", "statement": "s", "elective": true}]}
"""
GOOD = '"question_id": "tiny-1", "answer": "Dropout."'


@pytest.mark.parametrize(
    ("body", "status", "name", "path"),
    [
        ("{" + GOOD + ', "anwser": 1}', 422, "invalid-request", "anwser"),
        ('{"question_id": "tiny-1"}', 422, "invalid-request", "answer"),
        ('{"question_id": 1, "answer": "x"}', 422, "invalid-request", "question_id"),
        ('{"question_id": "tiny-1", "answer": ["x"]}', 422, "invalid-request", "answer"),
        ('{"question_id": "tiny-1", "answer": null}', 422, "invalid-request", "answer"),
        ("{" + GOOD + ', "max_points": NaN}', 422, "invalid-request", "max_points"),
        ("{" + GOOD + ', "max_points": 1e999}', 422, "invalid-request", "max_points"),
        ("{" + GOOD + ', "max_points": -Infinity}', 422, "invalid-request", "max_points"),
        ("{" + GOOD + ', "max_points": "10"}', 422, "invalid-request", "max_points"),
        ("{" + GOOD + ', "max_points": true}', 422, "invalid-request", "max_points"),
        ("{" + GOOD + ', "candidate_id": "a\\nb"}', 422, "invalid-request", "candidate_id"),
        ("{" + GOOD + ', "metadata": {"a": 1}}', 422, "invalid-request", "metadata.a"),
        ("{" + GOOD + ', "references": ["mine"]}', 422, "invalid-request", ""),
        ('{"answer": "x", "question": "Why?"}', 422, "invalid-request", ""),
        (
            '{"answer": "x", "question": "Why?", "references": ["So."], "criteria": [{"id": "a", "weight": -1}]}',
            422, "invalid-request", "criteria[0].statement",
        ),
        ('{"answer": "x", "question": "Why?", "references": [" "]}', 422, "invalid-request", "references[0]"),
        (ELECTIVE, 422, "invalid-request", "at_least"),
        ('{"answer": "x", "question": "Why?", "references": ["+"]}', 422, "ungradable", "answer"),
        ('{"question_id": "tiny-12", "answer": "x"}', 404, "unknown-question", "question_id"),
        ('{"question_id": "../tiny-1", "answer": "x"}', 404, "unknown-question", "question_id"),
        ('{"question_id": "tiny-1\\u0000", "answer": "x"}', 404, "unknown-question", "question_id"),
        ('{"requests": []}', 422, "invalid-request", "requests"),
        ('{"requests": {"a": 1}}', 422, "invalid-request", "requests"),
        ('{"requests": [{}], "dry_run": true}', 422, "invalid-request", "dry_run"),
        ("[]", 422, "invalid-request", ""),
        ("null", 422, "invalid-request", ""),
        ("7", 422, "invalid-request", ""),
        ("", 422, "invalid-request", ""),
        ("{", 400, "malformed-json", None),
        ('{"answer": "\\ud800", "question_id": "tiny-1"}', 400, "malformed-json", None),
        (b'{"answer": "\xff", "question_id": "tiny-1"}', 400, "malformed-json", None),
        (b"\xff\xfe{\x00}\x00", 400, "malformed-json", None),
        ("'", 400, "malformed-json", None),
        ("{" + GOOD + "} {}", 400, "malformed-json", None),
        ("1" * 100_000, 400, "malformed-json", None),
        ("[" * 100_000, 422, "json-too-deep", None),
    ],
)  # fmt: skip
def test_a_faulty_body_is_told_by_its_path(
    local: TestClient, body: str | bytes, status: int, name: str, path: str | None
) -> None:
    refused = local.post("/v1/grades", content=body, headers=JSON)
    told = refused.json()
    assert (refused.status_code, told["type"]) == (status, f"urn:answer-grader:problem:{name}"), refused.text[:300]
    assert refused.headers["content-type"] == "application/problem+json"
    assert (told["errors"][0]["path"] if told["errors"] else None) == path
    assert told["request_id"] == refused.headers["x-request-id"]


def test_a_body_that_is_faulty_everywhere_is_told_in_a_few_words(local: TestClient) -> None:
    """Descriptions of all faults would be larger than the body, and take the time of everyone else."""
    for fields, told in ((300, "201 more faults are not told"), (50_000, "has 50,000 faults")):
        faulty = {"question_id": "tiny-1", "answer": "x"} | {f"field-{number}": 1 for number in range(fields)}
        for body in (faulty, {"requests": [faulty]}):
            response = local.post("/v1/grades", json=body)
            problem = response.json()["results"][0]["problem"] if "requests" in body else response.json()
            assert problem["status"] == 422
            assert len(problem["errors"]) <= 100
            assert problem["errors"][-1]["message"] == told
            assert len(response.content) < 20_000


def test_an_unknown_question_is_told_with_those_like_it(local: TestClient) -> None:
    told = local.post("/v1/grades", json={"question_id": "tiny1", "answer": "x"}).json()
    assert told["nearest"] == ["tiny-1", "tiny-2"]


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/yaml", "multipart/form-data", None]
)
def test_a_body_of_another_type_is_refused(local: TestClient, media_type: str | None) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    for method, path in (("POST", "/v1/grades"), ("POST", "/v1/regrades"), ("POST", "/v1/questions/search")):
        assert local.request(method, path, content="{" + GOOD + "}", headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=ten", "limit"), ("label=wrong", "label"),
        ("created_after=yesterday", "created_after"), ("needs_review=perhaps", "needs_review"), ("sort=id", "sort"),
        ("candidate_id=%00", "candidate_id"), ("question_id=", "question_id"),
        ("created_after=0001-01-01T00:00:00%2B14:00", "created_after"),
    ],
)  # fmt: skip
def test_a_faulty_query_is_told_by_its_parameter(local: TestClient, query: str, path: str) -> None:
    refused = local.get(f"/v1/grades?{query}")
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, path)


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", "Z3JhZGVzOi0x", "cXVlc3Rpb25zOjE", "Z3JhZGVzOjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "Z3JhZGVzOsKy"],
)
def test_a_cursor_of_no_list_is_refused(local: TestClient, cursor: str) -> None:
    refused = local.get(f"/v1/grades?cursor={cursor}")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (422, "invalid-cursor")


@pytest.mark.parametrize("grade_id", ["..", "%2e%2e%2fgrades", "a%00b", "%FF", "x" * 5000, "'; DROP TABLE grades; --"])
def test_tricks_in_ids_find_nothing(local: TestClient, grade_id: str) -> None:
    for method, path in (("GET", ""), ("POST", "/overrides")):
        response = local.request(
            method, f"/v1/grades/{grade_id}{path}", json={"author": "a", "reason": "b", "score": 1}
        )
        assert response.status_code in {404, 405}, response.text
    assert local.get("/v1/grades").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v2"), ("GET", "/v1/grades/"), ("GET", "/v1//grades"), ("BREW", "/health")]
)
def test_what_is_not_there_is_a_problem_too(local: TestClient, method: str, path: str) -> None:
    response = local.request(method, path)
    assert response.status_code in {404, 405}
    assert response.headers["content-type"] == "application/problem+json"


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "answer",
    "question_id",
    "question",
    "references",
    "criteria",
    "max_points",
    "metadata",
    "requests",
    "candidate_id",
]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from fakes import DROPOUT_BANK  # noqa: PLC0415 (beside its only use)
    from grader_api.app import create_app  # noqa: PLC0415
    from grader_api.settings import ServiceSettings  # noqa: PLC0415

    from grader.bank.library import Library  # noqa: PLC0415
    from grader.encoders.hashing import HashingEncoder  # noqa: PLC0415
    from grader.grading import Grader  # noqa: PLC0415

    url = f"sqlite:///{tmp_path_factory.mktemp('lasting') / 'grader.db'}"
    app = create_app(ServiceSettings(database_url=url), Grader(Library([DROPOUT_BANK]), HashingEncoder()))
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        yield client


@given(fields=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5), valid=st.booleans())
def test_no_json_makes_the_service_fail(lasting: TestClient, fields: dict[str, Any], valid: bool) -> None:
    import json  # noqa: PLC0415

    body = ({"question_id": "tiny-1", "answer": ANSWER} if valid else {}) | fields
    response = lasting.post("/v1/grades", content=json.dumps(body).encode("utf-8", "surrogatepass"), headers=JSON)
    assert response.status_code < 500
