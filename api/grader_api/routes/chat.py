"""The OpenAI-compatible chat: interviewers as models, and the next message of an interview."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from starlette.responses import StreamingResponse

from grader.errors import InterviewError
from grader.interview.interview import Interview, interview, reply, to_grade
from grader.interview.plan import parse_options
from grader_api.answers import OpenAIErrorOut
from grader_api.auth import Grading, Principal, allows
from grader_api.bodies import RawBody, RawRoute, documented, parse, strictly
from grader_api.grading import Made, judge_all
from grader_api.libraries import Shelf
from grader_api.openai import (
    PREFIX,
    ChatCompletion,
    ChatCreate,
    ModelList,
    ModelOut,
    chunks,
    completion,
    split_model,
)
from grader_api.problems import Kind, ProblemError, fault
from grader_api.routes.banks import bank_of
from grader_api.routes.parts import Parts, answer
from grader_api.scopes import Scope
from grader_api.service import Service

_STATUSES = (400, 401, 403, 404, 408, 413, 415, 429, 500, 503)
_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": OpenAIErrorOut} for status in _STATUSES}  # Any: FastAPI's
_STREAM = {"text/event-stream": {"schema": {"type": "string", "description": "Chunks, then [DONE]."}}}
routes = APIRouter(route_class=RawRoute, tags=["chat"], responses=_ERRORS)

Asking = Annotated[Principal, Depends(allows(Scope.READ, Scope.GRADE))]


@routes.get("/v1/models", operation_id="list_models", response_model=ModelList)
async def get_models(service: Parts, principal: Asking) -> Response:
    """The interviewers: one for each bank."""
    shelf = await service.shelf(principal.tenant)
    return answer(ModelList(data=tuple(ModelOut(id=PREFIX + bank.bank) for bank in shelf.library.banks)))


@routes.get("/v1/models/{model}", operation_id="get_model", response_model=ModelOut)
async def get_model(service: Parts, principal: Asking, model: str) -> Response:
    """An interviewer."""
    bank, _ = split_model(model)
    bank_of(await service.shelf(principal.tenant), bank)
    return answer(ModelOut(id=model))


@routes.post(
    "/v1/chat/completions",
    operation_id="create_chat_completion",
    response_model=ChatCompletion,
    responses={200: {"content": _STREAM}},
)
async def create_chat_completion(
    service: Parts, principal: Grading, body: Annotated[RawBody, *documented(ChatCreate)]
) -> Response:
    """The interviewer's next message. Nothing is kept: all that it knows stands in the messages."""
    create = await parse(body, strictly(ChatCreate))
    whole = await _reply(service, principal, create)
    if not create.stream:
        return answer(whole)
    usage = bool(create.stream_options and create.stream_options.include_usage)
    return StreamingResponse(chunks(whole, usage=usage), media_type="text/event-stream")


async def _reply(service: Service, principal: Principal, create: ChatCreate) -> ChatCompletion:
    held = _interview(await service.shelf(principal.tenant), create)
    outcomes = await judge_all(service, principal, to_grade(held))
    grades = []
    for outcome in outcomes:
        if not isinstance(outcome, Made):
            raise outcome
        grades.append(outcome.out)
    said = reply(held, grades)
    return completion(create, said.text, said.grade, over=said.over)


def _interview(shelf: Shelf, create: ChatCreate) -> Interview:
    bank_id, options = split_model(create.model)
    bank = bank_of(shelf, bank_id)
    try:
        return interview(bank, parse_options(options), create.said)
    except InterviewError as error:
        raise ProblemError(Kind.INVALID_REQUEST, str(error), errors=[fault("model", str(error))]) from error
