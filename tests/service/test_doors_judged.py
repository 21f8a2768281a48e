"""Every door gives the grade that `grader grade` gives where a language model judges too: the real model beside it."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from chat_endpoint import Body, ChatEndpoint, answer_in, completion, rubric_in, verdicts
from chat_endpoint import serving as serving_model
from standardwebhooks import Webhook
from starlette.responses import Response

from service.conftest import Process, make_key, serving
from service.test_doors import (
    ANSWER,
    GRADER,
    QUESTION,
    SERVE,
    clean_environment,
    explained,
    over_http,
    over_stdio,
    same,
    short,
)
from service.test_webhooks import SECRET, receiving

pytestmark = pytest.mark.model


def strict(body: Body) -> Response:
    """A language model that finds the first criterion met by the whole answer, and the others missing."""
    first, *others = rubric_in(body)["criteria"]
    said = {first["id"]: ("met", answer_in(body))} | {one["id"]: ("missing", "") for one in others}
    return completion(verdicts(said, {one["id"]: (False, "") for one in rubric_in(body)["misconceptions"]}))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ChatEndpoint]:
    with serving_model(ChatEndpoint(strict)) as served:
        yield served


@pytest.fixture(scope="module")
def judging(endpoint: ChatEndpoint) -> dict[str, str]:
    return {
        "GRADER_JUDGE_MODE": "always",
        "GRADER_JUDGE_BASE_URL": endpoint.base_url,
        "GRADER_JUDGE_MODEL": "strict",
        "GRADER_WEBHOOKS_TO_PRIVATE": "1",
    }


@pytest.fixture(scope="module")
def environment(judging: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return clean_environment(str(tmp_path_factory.mktemp("judged"))) | judging


@pytest.fixture(scope="module")
def expected(environment: dict[str, str]) -> dict[str, Any]:
    """The grade by `grader grade`."""
    command = [*GRADER, "grade", QUESTION, ANSWER, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    grade: dict[str, Any] = json.loads(done.stdout)
    assert grade["receipt"]["remote_judge"].startswith("strict prompt-")
    assert 0 < grade["score"] < 1
    return grade


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('judged') / 'grader.db'}"
    return url, make_key(url, "grade", "read")


@pytest.fixture(scope="module")
def served(
    key: tuple[str, dict[str, str]], judging: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """A service that has kept no reply of the language model: it asks by itself."""
    cache = str(tmp_path_factory.mktemp("served"))
    with serving(key[0], script=SERVE, GRADER_CACHE_DIR=cache, GRADER_JUDGE="off", **judging) as process:
        yield process


def test_mcp_over_stdio(environment: dict[str, str], expected: dict[str, Any]) -> None:
    async def call() -> dict[str, Any]:
        async with over_stdio(environment) as client:
            return await explained(client)

    assert same(asyncio.run(call()), expected)


def test_mcp_over_http(served: Process, key: tuple[str, dict[str, str]], expected: dict[str, Any]) -> None:
    async def call() -> dict[str, Any]:
        async with over_http(served.address, key[1]) as client:
            return await explained(client)

    assert same(asyncio.run(call()), expected)


def test_the_openai_client_whole_and_streaming(
    served: Process, key: tuple[str, dict[str, str]], expected: dict[str, Any]
) -> None:
    with openai.OpenAI(base_url=f"{served.address}/v1", api_key=key[1]["Authorization"].split()[1]) as client:
        said: list[Any] = [{"role": "user", "content": "Hello"}]
        first = client.chat.completions.create(model="interviewer:top50", messages=said)
        said += [
            {"role": "assistant", "content": first.choices[0].message.content},
            {"role": "user", "content": ANSWER},
        ]
        whole = client.chat.completions.create(model="interviewer:top50", messages=said)
        with client.chat.completions.create(model="interviewer:top50", messages=said, stream=True) as stream:
            last = list(stream)[-1]
    for reply in (whole, last):
        assert reply.model_extra is not None
        assert reply.model_extra["grade"] == {"question_id": QUESTION} | short(expected)


def test_the_terminal(environment: dict[str, str], expected: dict[str, Any]) -> None:
    command = [*GRADER, "chat", "top50", "--json"]
    done = subprocess.run(
        command, input=f"{ANSWER}\nstop\n", capture_output=True, text=True, env=environment, check=True
    )
    (result,) = json.loads(done.stdout)["results"]
    assert result["grade"] == expected


def test_the_service_and_its_webhook(
    served: Process, key: tuple[str, dict[str, str]], expected: dict[str, Any]
) -> None:
    body = {"question_id": QUESTION, "answer": ANSWER}
    with receiving((200, {})) as receiver:
        headers = key[1] | {"Webhook-Url": receiver.url, "Webhook-Secret": SECRET}
        made = httpx2.post(f"{served.address}/v1/grades", json=body, headers=headers, timeout=30).json()
        assert (made["revision"], made["receipt"]["remote_judge"]) == ("pending", None)
        until = time.monotonic() + 60
        while not receiver.got and time.monotonic() < until:
            time.sleep(0.1)
    ((told, payload),) = receiver.got
    event = Webhook(base64.b64decode(SECRET.removeprefix("whsec_"))).verify(payload, told)
    grade = event["data"]
    assert (event["type"], grade["id"], grade["revision"]) == ("grade.revised", made["id"], "done")
    assert {name: grade[name] for name in expected} == expected


def test_an_endpoint_that_is_gone_leaves_the_local_grade(
    served: Process, key: tuple[str, dict[str, str]], endpoint: ChatEndpoint
) -> None:
    """The conversation goes on, and whoever explains the grade is told."""

    async def call() -> dict[str, Any]:
        async with over_http(served.address, key[1]) as client:
            return await explained(client, f"{ANSWER} That is all.")

    script, endpoint.script = endpoint.script, lambda _: Response("gone", 400)
    try:
        found = asyncio.run(call())
    finally:
        endpoint.script = script
    assert found["receipt"]["remote_judge"] is None
    assert "gave no verdicts (rejected: " in found["grader_notes"]
