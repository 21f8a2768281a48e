"""A bank of references alone to one with drafted criteria, keywords and topics."""

from __future__ import annotations

from collections.abc import Callable

from grader.authoring.rubric import draft_criteria
from grader.authoring.topics import draft_topics
from grader.bank.key_terms import informativeness
from grader.bank.question import Bank, Question
from grader.encoders.protocol import Encoder


def draft_bank(bank: Bank, encoder: Encoder, done: Callable[[], None] = lambda: None) -> Bank:
    """The bank with criteria, keywords and topics drafted for the questions that have none; `done` after each question.

    The rest of the bank is what a word is compared with to see how much it tells.
    """
    worth = informativeness(question.references[0] for question in bank.questions)
    topics = draft_topics(bank.questions, encoder)
    questions: list[Question] = []
    for question, topic in zip(bank.questions, topics, strict=True):
        drafted = question.criteria or draft_criteria(question, worth, encoder)
        questions.append(question.model_copy(update={"criteria": drafted, "topic": question.topic or topic}))
        done()
    return bank.model_copy(update={"questions": tuple(questions)})
