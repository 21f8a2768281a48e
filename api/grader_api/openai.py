"""The shapes of the OpenAI-compatible chat: what its clients send, and what they read."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from grader.grade import Amount, Grade, Label, Unit
from grader.interview.transcript import Message
from grader_api.problems import Kind, ProblemError, fault

PREFIX = "interviewer:"
_OWNER = "answer-grader"
_MESSAGES = 2000  # the most in a conversation


class _In(BaseModel):
    """Clients send much that a language model needs and this one does not; it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class Part(_In):
    """A part of a message; only text can be read."""

    type: Literal["text"]
    text: str


class ChatMessage(_In):
    """A message. Those of the system and of tools are passed over: the model's name says all there is to say."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | Annotated[tuple[Part, ...], Field(max_length=_MESSAGES)] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, tuple):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(_In):
    """What a stream holds besides."""

    include_usage: bool | None = None


class ChatCreate(_In):
    """A conversation to go on with. Sampling parameters have no effect: the same messages get the same reply."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    messages: Annotated[tuple[ChatMessage, ...], Field(min_length=1, max_length=_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None

    @property
    def said(self) -> list[Message]:
        """The messages of the interviewer and of the candidate."""
        return [Message(one.role, one.text) for one in self.messages if one.role in ("assistant", "user")]


class GradeSummary(_Out):
    """The grade of the answer that was replied to: an addition to OpenAI's fields."""

    question_id: str | None
    score: Unit
    points: Amount
    max_points: Amount
    passed: bool
    label: Label
    needs_review: bool


class ReplyMessage(_Out):
    """What the interviewer says."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: str | None = None


class Choice(_Out):
    """The one reply."""

    index: Literal[0] = 0
    message: ReplyMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(_Out):
    """The interviewer is no language model, so it uses no tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class ChatCompletion(_Out):
    """The interviewer's reply."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[Choice]
    usage: Usage = Usage()
    grade: GradeSummary | None = Field(default=None, description="The grade of the answer, where one was graded.")
    interview_over: bool = Field(default=False, description="Whether this was the last message of the interview.")


class ModelOut(_Out):
    """A model: an interviewer on one bank."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = _OWNER


class ModelList(_Out):
    """Every interviewer."""

    object: Literal["list"] = "list"
    data: tuple[ModelOut, ...]


def split_model(name: str) -> tuple[str, str]:
    """The bank and the options that a model's name holds: `interviewer:top50?questions=3`.

    Raises:
        ProblemError: it is no interviewer.
    """
    if not name.startswith(PREFIX):
        told = f"unknown model {name[:100]!r}; models are called {PREFIX}BANK, as GET /v1/models lists them"
        raise ProblemError(Kind.UNKNOWN_BANK, told, errors=[fault("model", "is not known", name)])
    bank, _, options = name.removeprefix(PREFIX).partition("?")
    return bank, options


def summarize(grade: Grade | None) -> GradeSummary | None:
    """A grade in short; None where nothing was graded."""
    return None if grade is None else GradeSummary.model_validate({name: getattr(grade, name) for name in _SHOWN})


_SHOWN = tuple(GradeSummary.model_fields)


def completion(create: ChatCreate, text: str, grade: Grade | None, *, over: bool) -> ChatCompletion:
    """A reply; its id follows from the messages."""
    asked = create.model_dump_json(include={"model", "messages"})
    digest = hashlib.sha256(f"{asked}\n{text}".encode()).hexdigest()
    return ChatCompletion(
        id=f"chatcmpl-{digest[:24]}",
        created=int(time.time()),
        model=create.model,
        choices=(Choice(message=ReplyMessage(content=text)),),
        grade=summarize(grade),
        interview_over=over,
    )


def chunks(whole: ChatCompletion, *, usage: bool) -> Iterator[str]:
    """A reply as server-sent events: its words one by one, the end with the grade, the usage where it is wanted."""
    words = re.findall(r"\s*\S+\s*$|\s*\S+", whole.choices[0].message.content)
    yield _event(whole, {"role": "assistant", "content": ""}, None)
    for word in words:
        yield _event(whole, {"content": word}, None)
    grade = whole.grade.model_dump(mode="json") if whole.grade else None
    yield _event(whole, {}, "stop", grade=grade, interview_over=whole.interview_over)
    if usage:
        yield _event(whole, None, None, usage=whole.usage.model_dump())
    yield "data: [DONE]\n\n"


class _Chunk(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[dict[str, Any]]  # Any: JSON


def _event(whole: ChatCompletion, delta: dict[str, str] | None, finish: str | None, **more: Any) -> str:  # Any: JSON
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = _Chunk(id=whole.id, created=whole.created, model=whole.model, choices=choices, **more)
    return f"data: {chunk.model_dump_json()}\n\n"
