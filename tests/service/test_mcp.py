"""MCP over HTTP, with the SDK's own client and a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fakes import DROPOUT
from grader_api.definitions import definitions
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, TextResourceContents

from service.conftest import ANSWER, Process, make_key, serving

SKY = "{bank: sky, title: Sky, questions: [{id: sky-1, question: What colour?, references: [It is blue.]}]}"
MODES = ("auto", "legacy")  # the protocol's present form, and the one with a handshake
TOOLS = ["grade_answer", "explain_grade", "list_questions", "get_question", "next_question"]


class Served:
    """A server with keys of two tenants."""

    def __init__(self, process: Process, keys: dict[str, dict[str, str]]) -> None:
        self.address, self.keys = process.address, keys

    @asynccontextmanager
    async def client(self, key: str, mode: str = "auto") -> AsyncIterator[Client]:
        async with httpx2.AsyncClient(headers=self.keys[key], timeout=30) as http:
            transport = streamable_http_client(f"{self.address}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                yield client

    def call(self, key: str, tool: str, mode: str = "auto", **arguments: Any) -> CallToolResult:
        async def call() -> CallToolResult:
            async with self.client(key, mode) as client:
                return await client.call_tool(tool, arguments)

        return asyncio.run(call())

    def raw(self, **headers: str) -> httpx2.Response:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        accepted = {"Accept": "application/json, text/event-stream"}
        return httpx2.post(f"{self.address}/mcp", json=body, headers=accepted | self.keys["full"] | headers)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    url = f"sqlite:///{tmp_path_factory.mktemp('mcp') / 'grader.db'}"
    keys = {
        "full": make_key(url, "grade", "read"),
        "grade": make_key(url, "grade"),
        "read": make_key(url, "read"),
        "other": make_key(url, "grade", "read", "author", tenant="other"),
        "admin only for metrics": make_key(url, "review"),
    }
    with serving(url, GRADER_ALLOWED_ORIGINS="https://app.example", GRADER_ALLOWED_HOSTS="grader.example") as process:
        served = Served(process, keys)
        yaml = {"Content-Type": "application/yaml"} | keys["other"]
        httpx2.put(f"{process.address}/v1/banks/sky", content=SKY, headers=yaml).raise_for_status()
        yield served


def told(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_typed_and_only_read(served: Served, mode: str) -> None:
    async def listed() -> Any:
        async with served.client("full", mode) as client:
            return (await client.list_tools()).tools

    tools = asyncio.run(listed())
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False


@pytest.mark.parametrize("mode", MODES)
def test_a_grade_is_that_of_the_rest_service(served: Served, mode: str) -> None:
    body = {"question_id": "tiny-1", "answer": ANSWER}
    rest = httpx2.post(f"{served.address}/v1/grades", json=body, headers=served.keys["full"]).json()
    graded = served.call("full", "grade_answer", mode, **body).structured_content
    assert graded is not None
    assert {name: graded[name] for name in ("score", "points", "passed", "label", "needs_review")} == {
        name: rest[name] for name in ("score", "points", "passed", "label", "needs_review")
    }
    assert graded["feedback"] == rest["feedback"]["candidate"]


def test_an_explanation_holds_verdicts_and_quotes(served: Served) -> None:
    body = {"question_id": "tiny-1", "answer": ANSWER}
    rest = httpx2.post(f"{served.address}/v1/grades", json=body, headers=served.keys["full"]).json()
    explained = served.call("grade", "explain_grade", **body).structured_content
    assert explained is not None
    assert [(one["id"], one["verdict"]) for one in explained["criteria"]] == [
        (one["id"], one["verdict"]) for one in rest["criteria"]
    ]
    quotes = [quote for one in explained["criteria"] for quote in one["quotes"]]
    assert quotes
    assert all(quote in ANSWER for quote in quotes)


def test_a_question_of_ones_own_is_graded(served: Served) -> None:
    own = {"question": "Why is the sky blue?", "references": ["Air scatters blue light most."]}
    body = own | {"answer": "Air scatters blue light most."}
    rest = httpx2.post(f"{served.address}/v1/grades", json=body, headers=served.keys["full"]).json()
    graded = served.call("grade", "grade_answer", **body).structured_content
    assert graded is not None
    assert graded["score"] == rest["score"] > 0


def test_questions_come_without_their_answers(served: Served) -> None:
    texts = [
        told(served.call("read", "list_questions")),
        told(served.call("read", "get_question", question_id="tiny-1")),
        told(served.call("read", "next_question", bank="tiny")),
    ]
    for text in texts:
        assert DROPOUT.question in text
        assert DROPOUT.references[0] not in text
        assert all(criterion.statement not in text for criterion in DROPOUT.criteria)
    assert "What is it good for?" in texts[1]


def test_the_next_question_is_one_not_asked(served: Served) -> None:
    def following(asked: list[str]) -> Any:
        found = served.call("read", "next_question", bank="tiny", asked=asked).structured_content
        assert found is not None
        return found["question"] and found["question"]["id"], found["remaining"]

    assert following([]) == ("tiny-1", 1)
    assert following(["tiny-1"]) == ("tiny-2", 0)
    assert following(["tiny-1", "tiny-2"]) == (None, 0)


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        ("grade_answer", {"question_id": "tiny-7", "answer": "a"}, "unknown question 'tiny-7'; nearest: tiny-1"),
        ("grade_answer", {"answer": "a"}, "give question_id, or question with references"),
        ("grade_answer", {"question_id": "tiny-1", "answer": "a" * 100_001}, "the limit is 100,000"),
        ("next_question", {"bank": "tinny"}, "unknown bank 'tinny'; nearest: tiny"),
        ("next_question", {"bank": "tiny", "topic": "cooking"}, "no question of this topic"),
        ("list_questions", {"difficulty": 9}, "less than or equal to 3"),
    ],
)
def test_an_error_says_what_to_do(served: Served, tool: str, arguments: dict[str, Any], text: str) -> None:
    result = served.call("full", tool, **arguments)
    assert result.is_error
    assert text in told(result)


def test_a_key_opens_what_it_opens_elsewhere(served: Served) -> None:
    assert "lacks the scope read" in told(served.call("grade", "list_questions"))
    assert "lacks the scope grade" in told(served.call("read", "grade_answer", question_id="tiny-1", answer="a"))


@pytest.mark.parametrize("mode", MODES)
def test_a_tenant_sees_its_own_banks_and_no_other_does(served: Served, mode: str) -> None:
    async def look(key: str) -> tuple[list[str], str]:
        async with served.client(key, mode) as client:
            listed = (await client.list_resources()).resources
            (content,) = (await client.read_resource("bank://tiny")).contents
            assert isinstance(content, TextResourceContents)
            return [str(resource.uri) for resource in listed], content.text

    async def read_sky(key: str) -> str:
        async with served.client(key, mode) as client:
            try:
                return str((await client.read_resource("bank://sky")).contents[0].uri)
            except MCPError as error:
                return error.message

    own, text = asyncio.run(look("other"))
    assert own == ["bank://tiny", "bank://sky"]
    assert [question["id"] for question in json.loads(text)["questions"]] == ["tiny-1", "tiny-2"]
    assert "deactivates" not in text
    assert asyncio.run(look("full"))[0] == ["bank://tiny"]
    assert asyncio.run(read_sky("other")) == "bank://sky"
    assert asyncio.run(read_sky("full")).startswith("unknown bank 'sky'")
    assert "unknown question 'sky-1'" in told(served.call("full", "get_question", mode, question_id="sky-1"))


def test_the_prompt_asks_to_be_interviewed(served: Served) -> None:
    async def get() -> Any:
        async with served.client("full") as client:
            return (await client.get_prompt("interview_me", {"bank": "tiny", "questions": "2"})).messages

    (message,) = asyncio.run(get())
    assert message.role == "user"
    assert "`tiny` with 2 questions" in message.content.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "https://app.example"}, 200),
        ({"Host": "grader.example"}, 200),
        ({"Host": "grader.example:8000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Authorization": "Bearer grader_no"}, 401),
    ],
)
def test_host_origin_and_key_are_checked(served: Served, headers: dict[str, str], status: int) -> None:
    assert served.raw(**headers).status_code == status


def test_a_key_without_either_scope_is_refused(served: Served) -> None:
    assert served.raw(**served.keys["admin only for metrics"]).status_code == 403


def test_only_messages_are_taken(served: Served) -> None:
    assert httpx2.get(f"{served.address}/mcp", headers=served.keys["full"]).status_code == 405


def test_the_tools_for_other_bots_are_those_of_the_server(checkout: Path) -> None:
    committed = (checkout / "api" / "examples" / "tools.json").read_text(encoding="utf-8")
    assert committed == definitions(), "run make openapi"
    assert [one["function"]["name"] for one in json.loads(committed)] == TOOLS
