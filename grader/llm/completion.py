"""A chat completion as endpoints send it: what of it is of use."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from grader.grade import RemoteOutcome
from grader.llm.budget import Usage
from grader.llm.opinion import Unscored


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


_Count = Annotated[int, Field(ge=0)]


class _Used(BaseModel):
    prompt_tokens: _Count
    completion_tokens: _Count


class Completion(BaseModel):
    """What of a chat completion is of use."""

    choices: Annotated[tuple[_Choice, ...], Field(min_length=1)]
    usage: _Used | None = None

    @property
    def used(self) -> Usage | None:
        """What the endpoint counted, where it counts."""
        return None if self.usage is None else Usage(self.usage.prompt_tokens, self.usage.completion_tokens)

    def reply(self) -> str | Unscored:
        """What the model says, or why it says nothing of use: it refuses, or it was cut."""
        choice = self.choices[0]
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return Unscored(RemoteOutcome.REFUSED, choice.message.refusal or "held back by a content filter")
        if choice.finish_reason == "length":
            return Unscored(RemoteOutcome.CUT, "the reply reached its longest length")
        if not choice.message.content:
            return Unscored(RemoteOutcome.MALFORMED, "the reply is empty")
        return choice.message.content
