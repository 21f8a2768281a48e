"""What is kept: in tables that the migrations make, added to and never changed, and every change of it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from grader_api.errors import StoreUnavailable
from grader_api.scopes import Scope
from grader_api.store.database import Database
from grader_api.store.digests import older_digest_of
from grader_api.store.erasure import erase_older
from grader_api.store.grades import Filters, list_grades
from grader_api.store.keys import create_key, revoke_key
from grader_api.store.log import Entry, append, verify
from grader_api.store.tables import GRADES, KEYS, LOG, METADATA, REVISIONS
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from service.conftest import ANSWER, Start, grade

YAML = {"Content-Type": "application/yaml"}
SKY = "{bank: sky, title: Sky, questions: [{id: sky-1, question: What colour?, references: [It is blue.]}]}"


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    database.migrate()  # a second time changes nothing


def test_grades_of_before_are_listed_as_they_stand(database_url: str) -> None:
    """Lists go by a table that is filled from what an older version of the service has kept."""
    database = Database(database_url)
    database.migrate("0003")
    with database.write() as connection:
        connection.execute(insert(GRADES), [kept(number) for number in range(1, 4)])
        connection.execute(insert(REVISIONS), [revised(1, stands=True), revised(2, stands=False)])
    database.migrate()
    with database.write() as connection:
        connection.execute(insert(REVISIONS), [revised(3, stands=True)])
    with database.read() as connection:
        found = [
            [one.row.id for one in list_grades(connection, "default", Filters(label=label), limit=9)]
            for label in ("partial", "correct")
        ]
        told = verify(connection)
    database.close()
    assert found == [["grade_2"], ["grade_3", "grade_1"]]
    assert not any("listed" in fault for fault in told)


def kept(number: int) -> dict[str, Any]:
    """A row of grades: partial, and doubtful."""
    texts = dict.fromkeys(("actor", "salt", "request", "grade"), "")
    row = {"id": f"grade_{number}", "tenant": "default", "created_at": datetime.now(UTC), "score": 0.5}
    return row | texts | {"label": "partial", "needs_review": True, "passed": False}


def revised(number: int, *, stands: bool) -> dict[str, Any]:
    """A row of revisions: correct, and sure."""
    texts = dict.fromkeys(("actor", "salt", "grade"), "")
    row = {"id": f"revision_{number}", "grade_id": f"grade_{number}", "created_at": datetime.now(UTC), "score": 1.0}
    return row | texts | {"stands": stands, "label": "correct", "needs_review": False, "passed": True}


def test_sqlite_is_set_up_for_several_readers_and_power_cuts(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.migrate()
    with database.read() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "secure_delete", "busy_timeout")
        }
    database.close()
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "secure_delete": 1,
        "busy_timeout": 10_000,
    }


@pytest.mark.parametrize("address", ["nonsense", "oracle://x", "sqlite://", "sqlite:///:memory:", "mysql+nobody://x/y"])
def test_an_address_of_no_database_is_refused(address: str) -> None:
    with pytest.raises(StoreUnavailable):
        Database(address)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", "Connection refused"),
        ("sqlite:////proc/none/grader.db", "No such file or directory"),
        ("sqlite:////proc", "unable to open database file"),
    ],
)
def test_a_database_that_does_not_answer_is_told(address: str, told: str) -> None:
    database = Database(address)
    with pytest.raises(StoreUnavailable, match=told):
        database.migrate()
    database.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, and no database at all. " * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        database.migrate()
    database.close()


def test_a_database_of_a_newer_release_is_told_and_left_as_it_is(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match=r"not one of this version.*9999"):
        database.migrate()


@pytest.fixture
def filled(start: Start, database_url: str) -> TestClient:
    """A service that has made, overridden, put, deleted and erased."""
    client = start(database_url)
    made = [grade(client, f"{ANSWER} {number}", candidate_id=f"candidate-{number}") for number in range(4)]
    client.post(f"/v1/grades/{made[0]['id']}/overrides", json={"author": "Ada", "reason": "r", "score": 0.5})
    client.post(f"/v1/grades/{made[3]['id']}/overrides", json={"author": "Ada", "reason": "r", "score": 0.5})
    client.put("/v1/banks/sky", content=SKY, headers=YAML)
    client.delete("/v1/banks/sky")
    client.delete("/v1/candidates/candidate-3")
    return client


def faults(database: Database) -> list[str]:
    with database.read() as connection:
        return verify(connection)


def test_a_log_as_it_was_written_has_no_faults(filled: TestClient, database_url: str) -> None:
    database = Database(database_url)
    assert faults(database) == []
    with database.read() as connection:
        rows = connection.execute(select(LOG)).all()
    database.close()
    assert filled.get("/v1/grades").status_code == 200
    told = " ".join(str(row) for row in rows)
    assert [row.action for row in rows] == [
        *["grade.created"] * 4, *["grade.overridden"] * 2, "bank.put", "bank.deleted", "candidate.erased",
    ]  # fmt: skip
    for secret in (ANSWER, "Ada", "candidate-3"):  # what people wrote, and who they are, is not in the log
        assert secret not in told


TAMPERING = [
    ("UPDATE grades SET score = 1, passed = true WHERE seq = 2", "changed after it was written"),
    ("UPDATE grades SET candidate_id = 'c9' WHERE seq = 1", "changed after it was written"),
    ("UPDATE grades SET created_at = (SELECT min(at) FROM log) WHERE seq = 3", "changed after it was written"),
    ("UPDATE grades SET grade = replace(grade, 'correct', 'perfect') WHERE seq = 1", "changed after it was written"),
    ("UPDATE overrides SET override = '{}' WHERE seq = 1", "changed after it was written"),
    ("UPDATE bank_versions SET document = '{}' WHERE number = 1", "changed after it was written"),
    ("DELETE FROM grades WHERE seq = 2", "gone, and nobody logged"),
    ("DELETE FROM bank_versions WHERE number = 1", "gone, and nobody logged"),
    ("UPDATE log SET actor = 'someone' WHERE seq = 2", "log row 2: changed after it was written"),
    ("DELETE FROM log WHERE seq = 2", "log row 2: missing"),
    ("DELETE FROM log WHERE seq = 9", "log row 8: is not the last that was written"),
    ("DELETE FROM log_head", "log row 9: is not the last that was written"),
    ("UPDATE standings SET label = 'unheard of' WHERE seq = 2", "listed as what it is not"),
    ("DELETE FROM standings WHERE seq = 2", "listed as what it is not"),
]


@pytest.mark.parametrize(("change", "told"), TAMPERING)
def test_whatever_is_changed_behind_its_back_shows(
    filled: TestClient, database_url: str, change: str, told: str
) -> None:
    assert filled.get("/ready").status_code == 200
    database = Database(database_url)
    table = change.split()[2 if change.startswith("DELETE") else 1]
    with database.write() as connection:
        for kind in ("update", "delete"):
            tail = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{kind}{tail}"))
        connection.execute(text(change))
    found = faults(database)
    database.close()
    assert any(told in fault for fault in found), found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE keys SET scopes = 'admin' WHERE name = 'valid'", "changed after it was written"),
        ("UPDATE keys SET tenant = 'other' WHERE name = 'valid'", "changed after it was written"),
        ("UPDATE keys SET revoked_at = NULL", "nobody logged it"),
        ("UPDATE keys SET revoked_at = created_at", "nobody logged it"),
        ("DELETE FROM keys WHERE name = 'valid'", "gone, and nobody logged"),
        ("INSERT INTO keys SELECT 'forged', tenant, name, 'admin', secret_hash, created_at, NULL FROM keys LIMIT 1",
         "forged: nobody logged it"),
    ],
)  # fmt: skip
def test_a_key_that_is_changed_behind_its_back_shows(database: Database, change: str, told: str) -> None:
    with database.write() as connection:
        revoked, _ = create_key(connection, "default", "revoked", [Scope.READ])
        create_key(connection, "default", "valid", [Scope.READ])
        revoke_key(connection, revoked.id)
    assert faults(database) == []
    with database.write() as connection:
        connection.execute(text(change))
    (fault,) = faults(database)
    assert told in fault


def test_what_an_older_release_logged_is_still_as_it_was_written(filled: TestClient, database_url: str) -> None:
    assert filled.get("/ready").status_code == 200
    database = Database(database_url)
    with database.write() as connection:
        row = dict(connection.execute(select(GRADES).where(GRADES.c.seq == 1)).mappings().one())
        row |= {"seq": 99, "id": "grade_older"}
        connection.execute(insert(GRADES), row)
        append(
            connection,
            [Entry("default", "local", "grade.created", row["id"], {"digest": older_digest_of(GRADES, row)})],
        )
        append(connection, [Entry("default", "service", "key.created", "0123456789abcdef", {"scopes": ["read"]})])
        key = {"id": "0123456789abcdef", "tenant": "t", "name": "n", "scopes": "read", "secret_hash": "0" * 64}
        connection.execute(insert(KEYS), key | {"created_at": datetime.now(UTC)})
    assert faults(database) == []
    database.close()


def test_a_grade_that_nobody_logged_shows(filled: TestClient, database_url: str) -> None:
    assert filled.get("/ready").status_code == 200
    database = Database(database_url)
    with database.write() as connection:
        row = dict(connection.execute(select(GRADES).where(GRADES.c.seq == 1)).mappings().one())
        connection.execute(insert(GRADES), row | {"seq": 99, "id": "grade_forged"})
    assert faults(database) == ["grade_forged: nobody logged it"]
    database.close()


@pytest.mark.parametrize(
    "change",
    ["UPDATE grades SET score = 1", "UPDATE overrides SET actor = 'x'", "UPDATE bank_versions SET number = 7",
     "DELETE FROM bank_versions", "UPDATE log SET actor = 'x'", "DELETE FROM log"],
)  # fmt: skip
def test_the_database_itself_refuses_changes(filled: TestClient, database_url: str, change: str) -> None:
    assert filled.get("/ready").status_code == 200
    database = Database(database_url)

    def attempt() -> None:
        with database.write() as connection:
            connection.execute(text(change))

    with pytest.raises(DBAPIError, match="refused"):
        attempt()
    assert faults(database) == []
    database.close()


def test_what_is_older_than_the_retention_is_erased_and_the_log_agrees(filled: TestClient, database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        assert erase_older(connection, datetime.now(UTC) - timedelta(days=1)) == 0
        assert erase_older(connection, datetime.now(UTC)) == 3
    assert filled.get("/v1/grades").json()["items"] == []
    assert faults(database) == []
    database.close()


def test_two_services_write_one_chain(start: Start, database_url: str) -> None:
    clients = [start(database_url), start(database_url)]
    for number in range(6):
        grade(clients[number % 2], f"{ANSWER} {number}")
    database = Database(database_url)
    assert faults(database) == []
    database.close()


def test_errors_of_the_database_do_not_tell_what_was_written(database: Database) -> None:
    row: dict[str, Any] = {"tenant": "My secret answer"}

    def attempt() -> None:
        with database.write() as connection:
            connection.execute(insert(GRADES), row)

    with pytest.raises(DBAPIError) as caught:
        attempt()
    assert "My secret answer" not in str(caught.value).split("DETAIL")[0]
