"""The first page: choose a question, type an answer, see the grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response

from grader.bank.question import Bank, Question
from grader.errors import UnknownQuestion
from grader_api.grading import unknown_question
from grader_api.libraries import Shelf
from grader_api.routes.banks import bank_of
from grader_api.routes.grades import create_grade
from grader_api.routes.parts import Keeping, Parts, Repeats
from grader_api.schemas import GradeOut
from grader_api.service import Service
from grader_api.web.forms import as_json, idempotency_key, new_page, read_form
from grader_api.web.routing import elsewhere, page, pages_router
from grader_api.web.visitors import Anyone, Grading, Visitor

routes = pages_router()
Name = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Choice:
    """The banks at hand, the one that is chosen and its question; None where there is no bank."""

    banks: tuple[Bank, ...]
    bank: Bank | None
    question: Question | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: `page` is its word for the idempotency key."""

    page: str
    question_id: str = ""
    answer: str = ""
    candidate: str = ""


@routes.get("/")
async def get_first_page(
    request: Request, service: Parts, visitor: Anyone, bank: Name = "", question: Name = ""
) -> Response:
    """The form; who may only read is shown what was graded."""
    if not visitor.grades and visitor.reads:
        return elsewhere("/grades")
    return await _form(request, service, visitor, bank, Draft(new_page(), question), None)


@routes.post("/")
async def post_answer(request: Request, service: Parts, once: Repeats, keeper: Keeping, visitor: Grading) -> Response:
    """Grade what is in the form, as the API does, and show it below."""
    form = await read_form(request)
    draft = Draft(form.get("page", ""), form.get("question", ""), form.get("answer", ""), form.get("candidate", ""))
    if form.get("do") == "choose":  # in a browser without scripts
        return await _form(request, service, visitor, form.get("bank", ""), draft, None)
    fields = {"question_id": draft.question_id.strip(), "answer": draft.answer}
    if draft.candidate.strip():
        fields["candidate_id"] = draft.candidate.strip()
    body = as_json(fields)
    made = await create_grade(
        request, service, once, keeper, visitor.principal, body, idempotency_key(draft.page or new_page(), body)
    )
    grade = GradeOut.model_validate_json(bytes(made.body))
    return await _form(request, service, visitor, "", draft, grade)


async def _form(
    request: Request, service: Service, visitor: Visitor, bank_id: str, draft: Draft, grade: GradeOut | None
) -> Response:
    choice = choose(await service.shelf(visitor.tenant), bank_id, draft.question_id) if visitor.reads else None
    return await page(request, "ask", viewer=visitor, choice=choice, draft=draft, grade=grade)


def choose(shelf: Shelf, bank_id: str, question_id: str) -> Choice:
    """The bank and question that are asked for, or else the first. A bank wins over a question that it does not have.

    Raises:
        ProblemError: there is no such bank, or no such question.
    """
    banks = shelf.library.banks
    if question_id:
        try:
            bank, question = shelf.library.question(question_id)
        except UnknownQuestion as error:
            raise unknown_question(error, "question") from error
        if bank_id in {"", bank.bank}:
            return Choice(banks, bank, question)
    if not banks:
        return Choice(banks, None, None)
    chosen = bank_of(shelf, bank_id) if bank_id else banks[0]
    return Choice(banks, chosen, chosen.questions[0])
