"""Questions: read, listed, found by meaning."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from grader.bank.question import Bank, Question
from grader.errors import UnknownQuestion
from grader_api.auth import Principal, Reading
from grader_api.bodies import RawBody, documented, parse, strictly
from grader_api.grading import unknown_question
from grader_api.libraries import Shelf
from grader_api.pages import from_cursor, to_cursor
from grader_api.routes.banks import bank_of
from grader_api.routes.parts import Meanings, Parts, answer, problems, router
from grader_api.schemas import QuestionFilters, QuestionOut, QuestionPage, SearchCreate, SearchHit, SearchOut
from grader_api.scopes import Scope
from grader_api.searching import search

routes = router("questions")
_LIST = "questions"


@routes.get("/v1/questions", operation_id="list_questions", response_model=QuestionPage, responses=problems(404))
async def get_questions(service: Parts, principal: Reading, filters: Annotated[QuestionFilters, Query()]) -> Response:
    """The questions at hand, by bank and in its order."""
    shelf = await service.shelf(principal.tenant)
    first = from_cursor(_LIST, filters.cursor) or 0
    asked = [
        (bank, question)
        for bank, question in _questions(shelf, filters.bank)
        if filters.topic is None or question.topic == filters.topic
    ]
    end = first + filters.limit
    items = tuple(_show(principal, bank, question) for bank, question in asked[first:end])
    return answer(QuestionPage(items=items, next_cursor=to_cursor(_LIST, end) if end < len(asked) else None))


@routes.get(
    "/v1/questions/{question_id}", operation_id="get_question", response_model=QuestionOut, responses=problems(404)
)
async def get_question(service: Parts, principal: Reading, question_id: str) -> Response:
    """A question; its references and rubric only where the key may see them."""
    shelf = await service.shelf(principal.tenant)
    try:
        bank, question = shelf.library.question(question_id)
    except UnknownQuestion as error:
        raise unknown_question(error, "question_id") from error
    return answer(_show(principal, bank, question))


@routes.post("/v1/questions/search", operation_id="search_questions", response_model=SearchOut, responses=problems(404))
async def search_questions(
    service: Parts, principal: Reading, vectors: Meanings, body: Annotated[RawBody, *documented(SearchCreate)]
) -> Response:
    """The questions whose text is nearest in meaning."""
    create = await parse(body, strictly(SearchCreate))
    asked = _questions(await service.shelf(principal.tenant), create.bank)
    hits = await search(service, vectors, create.query, [question.question for _, question in asked], create.limit)
    items = tuple(SearchHit(question=_show(principal, *asked[place]), similarity=cosine) for place, cosine in hits)
    return answer(SearchOut(items=items))


def _questions(shelf: Shelf, bank_id: str | None) -> list[tuple[Bank, Question]]:
    banks = shelf.library.banks if bank_id is None else (bank_of(shelf, bank_id),)
    return [(bank, question) for bank in banks for question in bank.questions]


def _show(principal: Principal, bank: Bank, question: Question) -> QuestionOut:
    inside = principal.may(Scope.AUTHOR, Scope.REVIEW)
    return QuestionOut(
        id=question.id,
        bank=bank.bank,
        question=question.question,
        topic=question.topic,
        difficulty=question.difficulty,
        max_points=question.max_points,
        references=question.references if inside else None,
        criteria=question.criteria if inside else None,
        misconceptions=question.misconceptions if inside else None,
        exemplars=question.exemplars if inside else None,
        notes=question.notes if inside else None,
    )
