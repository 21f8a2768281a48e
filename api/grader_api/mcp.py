"""The MCP server: the same tools, resources and prompt over stdio and over HTTP.

Who calls, by which banks, and how answers are graded is the door's to say; nothing here needs the service's database.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Protocol

import anyio.to_thread
from anyio import CapacityLimiter
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import Resource, ToolAnnotations
from pydantic import Field, ValidationError

from grader import __version__
from grader.bank.library import Library
from grader.errors import GraderError, UnknownBank
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest
from grader_api import tools
from grader_api.tools import Explanation, GradedAnswer, NextQuestion, QuestionCards, QuestionDetails

_SCHEME = "bank://"
_INSTRUCTIONS = (
    "Grades free-text answers to the questions of its banks. To interview somebody: next_question, ask it in its own "
    "words, grade_answer with what the person said, tell the feedback, ask once about what is missing, go on. Never "
    "answer the question yourself, and tell a candidate nothing of explain_grade: it holds the rubric."
)
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Answer = Annotated[str, Field(description="What the person said, word for word: neither corrected nor summed up.")]
QuestionId = Annotated[
    str | None, Field(description="The question of a bank, such as `ds25-11`; else give question and references.")
]
OwnQuestion = Annotated[str | None, Field(description="A question that is in no bank.")]
OwnReferences = Annotated[
    list[str] | None,
    Field(description="What full answers to `question` say; at least one goes with it.", max_length=50),
]
AnyBank = Annotated[str | None, Field(description="The id of a bank; without it, every bank.")]
Topic = Annotated[str | None, Field(description="Only questions of this topic.")]
Difficulty = Annotated[int | None, Field(description="Only questions of this difficulty: 1, 2 or 3.", ge=1, le=3)]


class Door(Protocol):
    """Who calls. Both raise GraderError where the caller may not, or something is wrong."""

    async def library(self) -> Library:
        """The banks that the caller may ask from."""
        ...

    async def grade(self, request: GradeRequest) -> Grade:
        """The grade of an answer."""
        ...


class LocalDoor:
    """The door of one process of one's own: a grader, used by one thread at a time."""

    def __init__(self, grader: Grader) -> None:
        self._grader, self._one = grader, CapacityLimiter(1)

    async def library(self) -> Library:
        """The grader's banks."""
        return self._grader.library

    async def grade(self, request: GradeRequest) -> Grade:
        """The grader's grade."""
        return await anyio.to_thread.run_sync(self._grader.grade, request, limiter=self._one)


class GraderServer(MCPServer):
    """The MCP server; its resources are the banks of whoever calls."""

    def __init__(self, door: Callable[[], Door]) -> None:
        super().__init__(
            name="answer-grader",
            title="answer-grader",
            version=__version__,
            instructions=_INSTRUCTIONS,
            log_level="WARNING",
            subscriptions=False,
        )
        self._door = door

    async def list_resources(self) -> list[Resource]:
        """The banks."""
        library = await self._door().library()
        return [
            Resource(
                uri=_SCHEME + bank.bank,
                name=bank.bank,
                title=bank.title,
                description=f"{len(bank.questions)} questions, without their answers",
                mime_type="application/json",
            )
            for bank in library.banks
        ]


def make_server(door: Callable[[], Door]) -> GraderServer:
    """The server; `door` tells whose call is being answered."""
    server = GraderServer(door)
    _add_grading(server, door)
    _add_questions(server, door)
    _add_banks(server, door)
    return server


def _add(server: MCPServer, tool: Callable[..., Awaitable[object]], title: str) -> None:
    server.add_tool(tool, title=title, description=inspect.getdoc(tool), annotations=_READS)


def _add_grading(server: MCPServer, door: Callable[[], Door]) -> None:
    async def grade_answer(
        answer: Answer,
        question_id: QuestionId = None,
        question: OwnQuestion = None,
        references: OwnReferences = None,
    ) -> GradedAnswer:
        """Grade a person's free-text answer: points, whether it passes, and feedback that may be told to the person.

        The same answer always gets the same grade.
        """
        return tools.in_short(await _grade(door(), answer, question_id, question, references))

    async def explain_grade(
        answer: Answer,
        question_id: QuestionId = None,
        question: OwnQuestion = None,
        references: OwnReferences = None,
    ) -> Explanation:
        """Explain an answer's grade to a grader: the verdict on every criterion, with the words that earned it.

        It holds the rubric, so it is not for the person who answers.
        """
        return tools.explained(await _grade(door(), answer, question_id, question, references))

    _add(server, grade_answer, "Grade an answer")
    _add(server, explain_grade, "Explain a grade")


def _add_questions(server: MCPServer, door: Callable[[], Door]) -> None:
    async def list_questions(
        bank: AnyBank = None,
        topic: Topic = None,
        difficulty: Difficulty = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> QuestionCards:
        """List questions, of one bank or of all."""
        with _told():
            return tools.list_cards(await door().library(), bank, topic, difficulty, limit, offset)

    async def get_question(
        question_id: Annotated[str, Field(description="The id of a question, such as `ds25-11`.")],
    ) -> QuestionDetails:
        """Get a question with its hints, which may be given to the person who answers."""
        with _told():
            return tools.details(await door().library(), question_id)

    async def next_question(
        bank: Annotated[str, Field(description="The id of a bank.")],
        asked: Annotated[list[str] | None, Field(description="The ids of questions asked before.")] = None,
        topic: Topic = None,
        difficulty: Difficulty = None,
        seed: Annotated[int | None, Field(description="Another order of the questions.", ge=0)] = None,
    ) -> NextQuestion:
        """Choose the question to ask next in an interview."""
        with _told():
            return tools.next_card(await door().library(), bank, asked or [], topic, difficulty, seed)

    _add(server, list_questions, "List questions")
    _add(server, get_question, "Get a question")
    _add(server, next_question, "Choose the next question")


def _add_banks(server: MCPServer, door: Callable[[], Door]) -> None:
    @server.resource(_SCHEME + "{bank_id}", name="bank", title="A bank", mime_type="application/json")
    async def bank(bank_id: str) -> str:
        """A bank's questions, without their answers."""
        library = await door().library()
        try:
            known = library.bank(bank_id)
        except UnknownBank as error:
            raise ResourceNotFoundError(str(error)) from error
        cards = tools.list_cards(library, bank_id, None, None, len(known.questions), 0)
        shown = {"bank": known.bank, "title": known.title, "language": known.language}
        return json.dumps(shown | {"questions": [one.model_dump() for one in cards.questions]}, ensure_ascii=False)

    @server.prompt(name="interview_me", title="Interview me")
    async def interview_me(
        bank: Annotated[str, Field(description="The id of a bank, such as `ds25`.")],
        questions: Annotated[str, Field(description="How many questions to ask.")] = "5",
    ) -> str:
        """Be interviewed on a bank's questions, one at a time, with feedback on every answer."""
        return (
            f"Interview me on the bank `{bank}` with {questions} questions, one at a time. Choose each with "
            "next_question, passing the ids asked so far, and ask it word for word. Wait for my answer, and grade it "
            "with grade_answer exactly as I wrote it. Tell me the points and the feedback, never what a full answer "
            "would be. Where something is missing, ask me one follow-up about it, then grade both answers together. "
            "If I ask for a hint, take one from get_question. At the end, sum up my points and what to look at again."
        )


async def _grade(
    door: Door, answer: str, question_id: str | None, question: str | None, references: list[str] | None
) -> Grade:
    with _told():
        try:
            request = GradeRequest(
                answer=answer, question_id=question_id, question=question, references=tuple(references or ())
            )
        except ValidationError as error:
            raise ToolError(
                "; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
            ) from error
        return await door.grade(request)


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong, told to the model so that it can do better."""
    try:
        yield
    except GraderError as error:
        raise ToolError(f"{error}{_advice(error)}") from error


def _advice(error: GraderError) -> str:
    wanted = getattr(error, "kind", None)
    return {"question": "; list_questions lists the ids", "bank": "; list_questions tells every question's bank"}.get(
        str(wanted), ""
    )
