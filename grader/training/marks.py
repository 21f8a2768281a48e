"""Graded answers with marks, as the questions whose scales are to be fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.bank.library import Library
from grader.evaluation.datasets import MarkedAnswer
from grader.evaluation.graded import GradedAnswer
from grader.scoring.scale import text_key
from grader.training.marked_question import MarkedQuestion


def scale_key(answer: MarkedAnswer) -> str:
    """What the scale of a completed answer's question is kept under."""
    return text_key(answer.question) if answer.references else answer.question_id


def marked_questions(graded: Sequence[GradedAnswer], library: Library) -> tuple[MarkedQuestion, ...]:
    """The questions of graded answers in order, each with the marks that tell something of its scale.

    Those do not whose answers could not be graded, or lie where a guard or a claimed misconception caps them: no scale
    would move them. A question may be left without any.
    """
    questions: dict[str, list[GradedAnswer]] = {}
    for one in graded:
        questions.setdefault(scale_key(one.marked), []).append(one)
    return tuple(_question(key, answers, library) for key, answers in questions.items())


def _question(key: str, answers: Sequence[GradedAnswer], library: Library) -> MarkedQuestion:
    first = answers[0].marked
    bank = None if first.references else library.question(first.question_id)[0].bank
    telling = [
        (one.score, one.marked.human, one.cap)
        for one in answers
        if one.score is not None and (one.score < one.cap or one.cap == 1)
    ]
    scores, marks, caps = np.array(telling, np.float64).reshape(-1, 3).T
    return MarkedQuestion(key, bank, scores, marks, caps)
