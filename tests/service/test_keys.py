"""Who may do what: keys, scopes, tenants, rates; and nobody but this machine where there are no keys."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from grader_api.auth import Gate, is_loopback
from grader_api.errors import UnsafeBinding
from grader_api.scopes import Scope
from grader_api.server import check_binding
from grader_api.settings import ServiceSettings
from grader_api.store.database import Database
from grader_api.store.keys import list_keys, revoke_key
from grader_api.store.log import verify
from grader_api.store.tables import LOG
from sqlalchemy import select
from starlette.requests import Request
from starlette.testclient import TestClient

from service.conftest import ANSWER, Start, grade, make_key

BODY = {"question_id": "tiny-1", "answer": ANSWER}
YAML = {"Content-Type": "application/yaml"}
SKY = "{bank: sky, title: Sky, questions: [{id: sky-1, question: What colour?, references: [It is blue.]}]}"

CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "grade": ("POST", "/v1/grades", {"json": BODY}),
    "read": ("GET", "/v1/grades", {}),
    "author": ("PUT", "/v1/banks/sky", {"content": SKY, "headers": YAML}),
    "review": ("POST", "/v1/grades/{id}/overrides", {"json": {"author": "a", "reason": "r", "score": 1}}),
    "admin": ("DELETE", "/v1/candidates/x", {}),
}


def call(client: TestClient, scope: str, key: dict[str, str], grade_id: str = "") -> int:
    method, path, rest = CALLS[scope]
    headers = rest.get("headers", {}) | key
    return client.request(method, path.format(id=grade_id), **(rest | {"headers": headers})).status_code


def test_what_is_remembered_of_keys_may_be_forgotten_at_any_moment(start: Start, sqlite_url: str) -> None:
    client = start(sqlite_url)
    assert client.portal is not None
    request = Request({"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"host", b"127.0.0.1")], "path": "/"})
    gate = Gate(client.app.state.service, itertools.count().__next__)  # type: ignore[attr-defined]  # a client's application is any
    assert client.portal.call(gate.admit, request, None).tenant == "default"
    key = make_key(sqlite_url, "read")["Authorization"].removeprefix("Bearer ")
    assert client.portal.call(gate.admit, request, key).scopes == {Scope.READ}


@pytest.mark.parametrize("given", [*CALLS])
def test_a_scope_allows_its_own_and_admin_allows_all(start: Start, sqlite_url: str, given: str) -> None:
    admin, key = make_key(sqlite_url, "admin"), make_key(sqlite_url, given)
    client = start(sqlite_url)
    made = client.post("/v1/grades", json=BODY, headers=admin).json()["id"]
    allowed = {scope for scope in CALLS if call(client, scope, key, made) != 403}
    assert allowed == (set(CALLS) if given == "admin" else {given})


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "Bearer",
        "Bearer x",
        "Bearer grader_0123456789abcdef_" + "A" * 43,
        "Basic eDp5",
        "Bearer grader_é",
        "Bearer \x00",
    ],
)
def test_without_a_valid_key_nothing_is_told(start: Start, sqlite_url: str, sent: str) -> None:
    make_key(sqlite_url, "admin")
    client = start(sqlite_url)
    headers = {"Authorization": sent.encode()} if sent else {}
    for method, path in (
        ("GET", "/v1/grades"),
        ("POST", "/v1/grades"),
        ("GET", "/metrics"),
        ("GET", "/v1/questions/x"),
    ):
        refused = client.request(method, path, headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert client.get("/health").status_code == 200


def test_a_revoked_key_is_refused_within_a_second(start: Start, database_url: str) -> None:
    key = make_key(database_url, "read")
    client = start(database_url)
    assert client.get("/v1/grades", headers=key).status_code == 200
    database = Database(database_url)
    with database.write() as connection:
        revoke_key(connection, list_keys(connection)[0].id)
    revoked = time.monotonic()
    while client.get("/v1/grades", headers=key).status_code == 200:
        assert time.monotonic() - revoked < 1.0
    database.close()
    assert client.get("/v1/grades").status_code == 401  # and does not fall open


def test_a_tenant_sees_nothing_of_another(start: Start, database_url: str) -> None:
    ours, theirs = (make_key(database_url, "admin", tenant=tenant) for tenant in ("ours", "theirs"))
    client = start(database_url)
    client.put("/v1/banks/sky", content=SKY, headers=YAML | ours)
    made = client.post(
        "/v1/grades", json={"question_id": "sky-1", "answer": "blue", "candidate_id": "c"}, headers=ours
    ).json()
    override = {"author": "a", "reason": "r", "score": 0}
    hidden = [
        client.get(f"/v1/grades/{made['id']}", headers=theirs),
        client.post(f"/v1/grades/{made['id']}/overrides", json=override, headers=theirs),
        client.post("/v1/regrades", json={"grade_ids": [made["id"]]}, headers=theirs),
        client.get("/v1/banks/sky", headers=theirs),
        client.get("/v1/banks/sky/versions", headers=theirs),
        client.delete("/v1/banks/sky", headers=theirs),
        client.get("/v1/questions/sky-1", headers=theirs),
        client.delete("/v1/candidates/c", headers=theirs),
        client.post("/v1/grades", json={"question_id": "sky-1", "answer": "blue"}, headers=theirs),
    ]
    assert [response.status_code for response in hidden] == [404] * len(hidden)
    assert client.get("/v1/grades", headers=theirs).json()["items"] == []
    assert client.get(f"/v1/grades/{made['id']}", headers=ours).status_code == 200
    assert client.get(f"/v1/grades/{made['id']}", headers=ours).json() == made


def test_tenants_may_give_one_name_to_different_things(start: Start, database_url: str) -> None:
    ours, theirs = (make_key(database_url, "admin", tenant=tenant) for tenant in ("ours", "theirs"))
    client = start(database_url)
    client.put("/v1/banks/sky", content=SKY, headers=YAML | ours)
    client.put("/v1/banks/sky", content=SKY.replace("blue", "green"), headers=YAML | theirs)
    body, once = {"question_id": "sky-1", "answer": "It is blue."}, {"Idempotency-Key": "same"}
    scores = [client.post("/v1/grades", json=body, headers=key | once).json()["score"] for key in (ours, theirs)]
    assert scores[0] > scores[1]


def test_keys_of_a_tenant_are_made_listed_and_revoked_through_the_service(start: Start, database_url: str) -> None:
    ours, theirs = (make_key(database_url, "admin", tenant=tenant) for tenant in ("ours", "theirs"))
    client = start(database_url)
    response = client.post("/v1/keys", json={"name": "a site", "scopes": ["read", "grade"]}, headers=ours)
    made = response.json()
    assert response.status_code == 201
    assert (made["tenant"], made["name"], made["scopes"], made["revoked_at"]) == (
        "ours", "a site", ["grade", "read"], None,
    )  # fmt: skip
    key = {"Authorization": f"Bearer {made.pop('key')}"}
    assert client.post("/v1/grades", json=BODY, headers=key).status_code == 201
    assert client.get("/v1/keys", headers=ours).json()["items"][1] == made
    assert made["id"] not in client.get("/v1/keys", headers=theirs).text
    assert client.delete(f"/v1/keys/{made['id']}", headers=theirs).status_code == 404
    assert client.get("/v1/grades", headers=key).status_code == 200
    revoked = client.delete(f"/v1/keys/{made['id']}", headers=ours)
    begin = time.monotonic()
    assert revoked.json()["revoked_at"] is not None
    while client.get("/v1/grades", headers=key).status_code == 200:
        assert time.monotonic() - begin < 1.0
    assert client.get("/v1/keys", headers=ours).json()["items"][1] == revoked.json()
    again = client.delete(f"/v1/keys/{made['id']}", headers=ours)
    assert (again.status_code, again.json()["type"]) == (404, "urn:answer-grader:problem:unknown-key")
    database = Database(database_url)
    with database.read() as connection:
        logged = connection.execute(select(LOG.c.action, LOG.c.actor).where(LOG.c.subject == made["id"])).all()
        assert verify(connection) == []
    database.close()
    admin = ours["Authorization"].split("_")[1]
    assert [tuple(row) for row in logged] == [("key.created", admin), ("key.revoked", admin)]


@pytest.mark.parametrize("scope", [scope for scope in CALLS if scope != "admin"])
def test_no_key_makes_one_that_may_do_more(start: Start, sqlite_url: str, scope: str) -> None:
    every = [one for one in CALLS if one != "admin"]
    for key in (make_key(sqlite_url, scope), make_key(sqlite_url, *every)):
        client = start(sqlite_url)
        assert client.post("/v1/keys", json={"name": "x", "scopes": [scope]}, headers=key).status_code == 403
        assert client.get("/v1/keys", headers=key).status_code == 403
        assert client.delete("/v1/keys/0123456789abcdef", headers=key).status_code == 403


def test_a_key_is_made_and_revoked_once_and_shown_once(start: Start, sqlite_url: str, tmp_path: Path) -> None:
    admin = make_key(sqlite_url, "admin")
    client = start(sqlite_url)
    body, once = {"name": "a site", "scopes": ["read"]}, admin | {"Idempotency-Key": "one"}
    first, again = (client.post("/v1/keys", json=body, headers=once) for _ in range(2))
    assert first.json() | {"key": None} == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(client.get("/v1/keys", headers=admin).json()["items"]) == 2
    other = client.post("/v1/keys", json=body | {"scopes": ["admin"]}, headers=once)
    assert (other.status_code, other.json()["type"]) == (422, "urn:answer-grader:problem:idempotency-key-reused")
    secret = first.json()["key"].split("_", 2)[2].encode()
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())
    path, ending = f"/v1/keys/{first.json()['id']}", admin | {"Idempotency-Key": "two"}
    revoked, replayed = (client.delete(path, headers=ending) for _ in range(2))
    assert (revoked.status_code, revoked.json()) == (replayed.status_code, replayed.json())


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "", "scopes": ["read"]},
        {"name": "a\nb", "scopes": ["read"]},
        {"name": "x", "scopes": ["read"], "tenant": "other"},
    ],
)
def test_what_cannot_be_a_key_is_refused(local: TestClient, body: dict[str, Any]) -> None:
    assert local.post("/v1/keys", json=body).status_code == 422
    assert local.get("/v1/keys").json() == {"items": []}


def test_the_first_key_closes_the_service_to_who_has_none(local: TestClient) -> None:
    made = local.post("/v1/keys", json={"name": "first", "scopes": ["admin"]}).json()
    begin = time.monotonic()
    while local.get("/v1/keys").status_code == 200:
        assert time.monotonic() - begin < 1.0
    assert local.get("/v1/keys", headers={"Authorization": f"Bearer {made['key']}"}).status_code == 200


def test_a_key_makes_no_more_requests_than_its_rate(start: Start, sqlite_url: str) -> None:
    key, other = make_key(sqlite_url, "read"), make_key(sqlite_url, "read")
    client = start(sqlite_url, rate_per_minute=3)
    statuses = [client.get("/v1/grades", headers=key).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert "retry-after" in client.get("/v1/grades", headers=key).headers
    assert client.get("/v1/grades", headers=other).status_code == 200


@pytest.mark.parametrize(
    ("caller", "host"), [("192.0.2.7", "127.0.0.1"), ("127.0.0.1", "evil.example"), ("::ffff:192.0.2.7", "localhost")]
)
def test_without_keys_only_this_machine_is_answered(local: TestClient, caller: str, host: str) -> None:
    elsewhere = TestClient(local.app, base_url=f"http://{host}", client=(caller, 1))
    assert elsewhere.get("/v1/grades").status_code == 401
    assert grade(local)["id"]


def test_another_address_is_refused_without_keys(sqlite_url: str) -> None:
    settings = ServiceSettings(database_url=sqlite_url, host="0.0.0.0")  # noqa: S104 (what must be refused)
    with pytest.raises(UnsafeBinding, match="grader keys create"):
        check_binding(settings)
    make_key(sqlite_url, "grade")
    check_binding(settings)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.9.9.9", True),
        ("0.0.0.0", False),  # noqa: S104 (told, not listened on)
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
    ],
)
def test_loopback_is_told_from_other_addresses(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_a_key_is_kept_as_a_hash_only(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'grader.db'}"
    secret = make_key(url, "read")["Authorization"].split("_", 2)[2]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept
