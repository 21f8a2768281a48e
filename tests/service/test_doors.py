"""Every door of a chatbot gives the grade that `grader grade` gives, with the real model; the README tells how."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from grader_api.webhooks import Endpoint, Event, send
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from openai.types.chat import ChatCompletionMessageParam
from standardwebhooks import Webhook

from service.conftest import Process, make_key, serving
from service.test_webhooks import SECRET, receiving

pytestmark = pytest.mark.model

QUESTION = "top50-1"
ANSWER = (
    "Deep learning is machine learning with neural networks of many layers, which learn their own features from raw "
    "data; in classic machine learning people make the features by hand."
)
SHOWN = ("score", "points", "max_points", "passed", "label", "needs_review")
GRADER = [sys.executable, "-c", "from grader.cli.app import main; main()"]
SERVE = """
from grader.bank.library import load_library
from grader.loading import load_grader
from grader.cli.serve import judge_of, service_settings
from grader_api.server import serve
chosen = service_settings()
serve(
    chosen, lambda: load_grader(chosen, load_library(chosen.banks, chosen.cache_dir)),
    lambda address: print(address, flush=True), judge_of(chosen),
)
"""
ASKED = re.compile(r"Question 1 of \d+: ")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return clean_environment(str(tmp_path_factory.mktemp("doors")))


def clean_environment(cache: str) -> dict[str, str]:
    """No setting but those of these tests; every process shares one cache of encodings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    paths = os.pathsep.join(path for path in sys.path if path)
    return clean | {"GRADER_CACHE_DIR": cache, "GRADER_JUDGE": "off", "PYTHONPATH": paths, "COLUMNS": "100"}


@pytest.fixture(scope="module")
def expected(environment: dict[str, str]) -> dict[str, Any]:
    """The grade by `grader grade`."""
    command = [*GRADER, "grade", QUESTION, ANSWER, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    grade: dict[str, Any] = json.loads(done.stdout)
    assert 0 < grade["score"] < 1, "an answer that is partly right tells more"
    return grade


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The address of a database, and the headers of a key in it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('doors') / 'grader.db'}"
    return url, make_key(url, "grade", "read")


@pytest.fixture(scope="module")
def served(key: tuple[str, dict[str, str]], environment: dict[str, str]) -> Iterator[Process]:
    """What `grader serve` runs; its address goes to stdout here, where it is waited for."""
    settings = {name: environment[name] for name in ("GRADER_CACHE_DIR", "GRADER_JUDGE")}
    with serving(key[0], script=SERVE, **settings) as process:
        yield process


@pytest.fixture
def asked(served: Process, key: tuple[str, dict[str, str]]) -> Iterator[tuple[openai.OpenAI, list[Any]]]:
    """OpenAI's client, and a conversation in which the question was answered."""
    with openai.OpenAI(base_url=f"{served.address}/v1", api_key=key[1]["Authorization"].split()[1]) as client:
        hello: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
        first = client.chat.completions.create(model="interviewer:top50", messages=hello)
        question = {"role": "assistant", "content": first.choices[0].message.content}
        yield client, [*hello, question, {"role": "user", "content": ANSWER}]


def short(grade: dict[str, Any]) -> dict[str, Any]:
    return {name: grade[name] for name in SHOWN}


@asynccontextmanager
async def over_stdio(environment: dict[str, str]) -> AsyncIterator[Client]:
    command, *arguments = GRADER
    parameters = StdioServerParameters(command=command, args=[*arguments, "mcp"], env=environment)
    async with Client(stdio_client(parameters)) as client:
        yield client


@asynccontextmanager
async def over_http(address: str, headers: dict[str, str]) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
    ):
        yield client


async def explained(client: Client, answer: str = ANSWER) -> dict[str, Any]:
    result = await client.call_tool("explain_grade", {"question_id": QUESTION, "answer": answer})
    assert result.structured_content is not None
    return result.structured_content


def same(explanation: dict[str, Any], grade: dict[str, Any]) -> bool:
    """Whether an explanation tells of a grade, verdict by verdict."""
    verdicts, expected = (
        [(one["id"], one["verdict"], one["score"]) for one in of["criteria"]] for of in (explanation, grade)
    )
    told = explanation["feedback"] == grade["feedback"]["candidate"] and explanation["receipt"] == grade["receipt"]
    return told and verdicts == expected and short(explanation) == short(grade)


def test_mcp_over_stdio(environment: dict[str, str], expected: dict[str, Any]) -> None:
    async def call() -> tuple[dict[str, Any], list[str]]:
        async with over_stdio(environment) as client:
            return await explained(client), [str(one.uri) for one in (await client.list_resources()).resources]

    explanation, banks = asyncio.run(call())
    assert same(explanation, expected)
    assert "bank://top50" in banks


def test_mcp_over_http(served: Process, key: tuple[str, dict[str, str]], expected: dict[str, Any]) -> None:
    async def call() -> dict[str, Any]:
        async with over_http(served.address, key[1]) as client:
            return await explained(client)

    assert same(asyncio.run(call()), expected)


def test_the_openai_client(asked: tuple[openai.OpenAI, list[Any]], expected: dict[str, Any]) -> None:
    client, messages = asked
    reply = client.chat.completions.create(model="interviewer:top50", messages=messages)
    assert reply.model_extra is not None
    assert reply.model_extra["grade"] == {"question_id": QUESTION} | short(expected)
    assert f"Score: {expected['points']:g} of 10." in str(reply.choices[0].message.content)


def test_the_openai_client_streaming(asked: tuple[openai.OpenAI, list[Any]], expected: dict[str, Any]) -> None:
    client, messages = asked
    with client.chat.completions.create(model="interviewer:top50", messages=messages, stream=True) as stream:
        chunks = list(stream)
    assert chunks[-1].model_extra is not None
    assert chunks[-1].model_extra["grade"] == {"question_id": QUESTION} | short(expected)
    assert f"Score: {expected['points']:g} of 10." in "".join(
        choice.delta.content or "" for chunk in chunks for choice in chunk.choices
    )


def test_the_terminal(environment: dict[str, str], expected: dict[str, Any]) -> None:
    command = [*GRADER, "chat", "top50", "--json"]
    done = subprocess.run(
        command, input=f"{ANSWER}\nstop\n", capture_output=True, text=True, env=environment, check=True
    )
    (result,) = json.loads(done.stdout)["results"]
    assert result["grade"] == expected
    assert ASKED.search(done.stderr)
    assert f"Score: {expected['points']:g} of 10." in done.stderr


def test_a_webhook(served: Process, key: tuple[str, dict[str, str]], expected: dict[str, Any]) -> None:
    body = {"question_id": QUESTION, "answer": ANSWER}
    made = httpx2.post(f"{served.address}/v1/grades", json=body, headers=key[1], timeout=30).raise_for_status().json()
    with receiving((200, {})) as receiver:
        event = Event("msg_1", "grade.completed", datetime.now(UTC), made)
        send(Endpoint(receiver.url, SECRET), event, allow_private=True)
    ((headers, payload),) = receiver.got
    grade = Webhook(base64.b64decode(SECRET.removeprefix("whsec_"))).verify(payload, headers)["data"]
    assert short(grade) == short(expected)
    assert grade["criteria"] == expected["criteria"]
    assert grade["receipt"] == expected["receipt"]


@pytest.fixture(scope="module")
def section(checkout: Path) -> str:
    """The README's section on chatbots."""
    text = (checkout / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^## Plug it into a chatbot\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def fenced(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def test_the_readmes_chat_runs(section: str, environment: dict[str, str]) -> None:
    (line,) = (line for block in fenced(section, "sh") for line in block.splitlines() if line.startswith("grader chat"))
    command = [*GRADER, *line.split("#")[0].split()[1:]]
    done = subprocess.run(command, input="hint\nstop\n", capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert ASKED.search(done.stdout)
    assert "Hint to question 1" in done.stdout


def test_the_readmes_mcp_settings_are_those_tested(section: str) -> None:
    (block,) = fenced(section, "json")
    ((_, settings),) = json.loads(block)["mcpServers"].items()
    assert settings == {"command": "grader", "args": ["mcp"]}, "what test_mcp_over_stdio runs"


def test_the_readmes_calls_are_answered(
    section: str, served: Process, key: tuple[str, dict[str, str]], environment: dict[str, str]
) -> None:
    (call,) = (block for block in fenced(section, "sh") if block.startswith("curl"))
    token = key[1]["Authorization"].split()[1]
    command = call.replace("localhost:8000", served.address.removeprefix("http://")).replace("grader_…", token)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=True)
    assert ASKED.search(json.loads(done.stdout)["choices"][0]["message"]["content"])


def test_the_readmes_python_runs(
    section: str, served: Process, key: tuple[str, dict[str, str]], environment: dict[str, str]
) -> None:
    token = key[1]["Authorization"].split()[1]
    blocks = fenced(section, "python")
    assert len(blocks) == 2
    for block in blocks:
        code = block.replace("http://localhost:8000", served.address).replace("grader_…", token)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
