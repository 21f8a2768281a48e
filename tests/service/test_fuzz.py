"""Cases made from the contract: no answer of the service's own fault, none outside the contract.

`GRADER_FUZZ_CASES` sets how many; `make fuzz` sends more. Half of the ids are of things that are there, so that the
cases come further than the first look-up.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from grader_api.contract import contract
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.conftest import ANSWER, Process, make_key, serving

CASES = int(os.environ.get("GRADER_FUZZ_CASES", "2000"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SENT: Counter[str] = Counter()
SCHEMA = schemathesis.openapi.from_dict(json.loads(contract()))
OPERATIONS = 32
_OWN = ("question", "references", "criteria", "misconceptions")
YAML = {"Content-Type": "application/yaml"}
SKY = "{bank: sky, title: Sky, questions: [{id: sky-1, question: What colour?, references: [It is blue.]}]}"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'grader.db'}"


@pytest.fixture(scope="module")
def key(url: str) -> dict[str, str]:
    """The headers of a key: the first that a case makes would close a service without keys."""
    return make_key(url, "admin")


@pytest.fixture(scope="module")
def server(url: str, key: dict[str, str]) -> Iterator[Process]:  # noqa: ARG001 (made before it starts)
    with serving(url) as running:
        yield running


@pytest.fixture(scope="module")
def known(server: Process, key: dict[str, str]) -> dict[str, str]:
    """The ids of things that are there."""
    with httpx2.Client(base_url=server.address, headers=key) as client:
        body = {"question_id": "tiny-1", "answer": ANSWER, "candidate_id": "c"}
        made = client.post("/v1/grades", json=body).raise_for_status().json()
        batch = client.post("/v1/batches", json={"rows": [{"question_id": "tiny-1", "answer": ANSWER}]}).json()
        while client.get(f"/v1/batches/{batch['id']}").json()["status"] != "completed":
            time.sleep(0.05)
        client.put("/v1/banks/sky", content=SKY, headers=YAML).raise_for_status()
        other = client.post("/v1/keys", json={"name": "another", "scopes": ["read"]}).json()["id"]
    ids = {"key_id": other, "grade_id": made["id"], "batch_id": batch["id"], "bank_id": "sky", "bank": "sky"}
    return ids | {"question_id": "tiny-1", "candidate_id": "c"}


# tables in formats that it cannot make are left to test_batches.py
@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@SCHEMA.parametrize()
@settings(
    max_examples=CASES // 16,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_cases_made_from_the_contract(case: Any, server: Process, key: dict[str, str], known: dict[str, str]) -> None:
    SENT[case.operation.label] += 1
    if SENT[case.operation.label] % 2:
        _point_at(case, known)
    case.call_and_validate(base_url=server.address, headers=key, checks=CHECKS, timeout=30)


def _point_at(case: Any, known: dict[str, str]) -> None:
    """Have a case be about something that is there."""
    for part in (case.path_parameters, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in known.items() if name in part})
            if "answer" in part:  # an answer to a bank's question brings no question of its own
                for name in _OWN:
                    part.pop(name, None)
                part["question_id"] = known["question_id"]


def test_enough_cases_were_sent(server: Process, key: dict[str, str]) -> None:
    told = httpx2.get(f"{server.address}/metrics", headers=key).text
    counted = [line for line in told.splitlines() if line.startswith("grader_requests_total")]
    print("\n" + "\n".join(sorted(counted)))
    assert len(SENT) == OPERATIONS
    assert sum(SENT.values()) >= CASES
    assert not any('status="5' in line for line in counted)
    assert any('route="/v1/grades",status="201"' in line for line in counted)
