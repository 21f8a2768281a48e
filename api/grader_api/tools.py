"""What chatbots' tools give: questions without their answers, grades in short and grades explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from grader.bank.library import Library
from grader.bank.question import Bank, Question
from grader.errors import InterviewError
from grader.grade import Amount, Confidence, Flag, Grade, Label, Reason, Receipt, Unit, Verdict
from grader.interview.plan import in_order, matching, topics


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class QuestionCard(_Out):
    """A question as a candidate may see it: no reference, criterion or keyword."""

    id: str
    bank: str
    question: str
    topic: str | None
    difficulty: int | None = Field(description="1 (easy) to 3 (hard); null where nobody said.")
    max_points: float


class QuestionDetails(QuestionCard):
    """A question with the hints that its bank allows."""

    hints: tuple[str, ...] = Field(description="Each points to one thing that a full answer says, without saying it.")
    references: int = Field(description="How many reference answers there are.")


class QuestionCards(_Out):
    """Questions, by bank and in its order."""

    questions: tuple[QuestionCard, ...]
    total: int = Field(description="How many questions fit, on all pages together.")
    next_offset: int | None = Field(description="The offset of the next page; null on the last.")


class NextQuestion(_Out):
    """The question to ask next; null when all were asked."""

    question: QuestionCard | None
    remaining: int = Field(description="How many questions are left after this one.")


class GradedAnswer(_Out):
    """A grade as a candidate may hear it."""

    question_id: str | None
    score: Unit | None
    points: Amount | None
    max_points: Amount | None
    passed: bool | None
    label: Label | None
    needs_review: bool = Field(description="Whether a person should look before the grade counts.")
    reasons: tuple[Reason, ...]
    flags: tuple[Flag, ...]
    feedback: str = Field(description="For the candidate; it gives nothing of the reference away.")


class CriterionOut(_Out):
    """One criterion of the rubric, and what of the answer speaks to it."""

    id: str
    statement: str
    weight: Amount
    counted: bool
    verdict: Verdict
    score: Unit
    quotes: tuple[str, ...]


class ClaimOut(_Out):
    """A misconception that the answer claims."""

    id: str
    statement: str
    cap: Unit = Field(description="The highest score left to an answer that claims it.")
    quotes: tuple[str, ...]


class Explanation(GradedAnswer):
    """A grade with all its reasons, for graders: it tells what the rubric says."""

    criteria: tuple[CriterionOut, ...]
    misconceptions: tuple[ClaimOut, ...]
    confidence: Confidence | None
    grader_notes: str
    receipt: Receipt | None


def list_cards(
    library: Library, bank: str | None, topic: str | None, difficulty: int | None, limit: int, offset: int
) -> QuestionCards:
    """A page of the questions that fit.

    Raises:
        UnknownBank: there is no such bank.
    """
    banks = library.banks if bank is None else (library.bank(bank),)
    cards = [_card(one, question) for one in banks for question in matching(one, topic, difficulty)]
    end = offset + limit
    return QuestionCards(
        questions=tuple(cards[offset:end]), total=len(cards), next_offset=end if end < len(cards) else None
    )


def details(library: Library, question_id: str) -> QuestionDetails:
    """A question with its hints.

    Raises:
        UnknownQuestion: no bank has it.
    """
    bank, question = library.question(question_id)
    hints = () if bank.reveal == "nothing" else tuple(one.hint for one in question.criteria if one.hint)
    return QuestionDetails(**dict(_card(bank, question)), hints=hints, references=len(question.references))


def next_card(
    library: Library, bank: str, asked: Sequence[str], topic: str | None, difficulty: int | None, seed: int | None
) -> NextQuestion:
    """The first question that was not asked yet, in the order of the seed.

    Raises:
        UnknownBank: there is no such bank.
        InterviewError: the bank has no question of the topic and difficulty at all.
    """
    known = library.bank(bank)
    fitting = in_order(matching(known, topic, difficulty), seed)
    if not fitting:
        told = f"bank {bank} has no question of this topic and difficulty; its topics: {', '.join(topics(known))}"
        raise InterviewError(told)
    left = [question for question in fitting if question.id not in set(asked)]
    return NextQuestion(question=_card(known, left[0]) if left else None, remaining=max(0, len(left) - 1))


def in_short(grade: Grade) -> GradedAnswer:
    """What a candidate may hear of a grade."""
    return GradedAnswer(**_short(grade))


def explained(grade: Grade) -> Explanation:
    """A grade with all its reasons."""
    return Explanation(
        **_short(grade),
        criteria=tuple(
            CriterionOut(
                id=one.id,
                statement=one.statement,
                weight=one.weight,
                counted=one.counted,
                verdict=one.verdict,
                score=one.score,
                quotes=_quotes(evidence.text for evidence in one.evidence),
            )
            for one in grade.criteria
        ),
        misconceptions=tuple(
            ClaimOut(
                id=one.id,
                statement=one.statement,
                cap=one.cap,
                quotes=_quotes(evidence.text for evidence in one.evidence),
            )
            for one in grade.misconceptions
        ),
        confidence=grade.confidence,
        grader_notes=grade.feedback.grader if grade.feedback else "",
        receipt=grade.receipt,
    )


def _short(grade: Grade) -> dict[str, Any]:  # Any: fields of several types
    names = ("question_id", "score", "points", "max_points", "passed", "label", "needs_review", "reasons")
    return {name: getattr(grade, name) for name in names} | {
        "flags": tuple(one.flag for one in grade.flags),
        "feedback": grade.feedback.candidate if grade.feedback else "",
    }


def _card(bank: Bank, question: Question) -> QuestionCard:
    return QuestionCard(
        id=question.id,
        bank=bank.bank,
        question=question.question,
        topic=question.topic,
        difficulty=question.difficulty,
        max_points=question.max_points,
    )


def _quotes(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
