"""The interviewer: asks, grades, says what was right, asks about what was missed, goes on, and sums up.

A pure function of the messages, the bank and the grades of the answers in them, in two steps because whoever calls it
has its own way to grade: `to_grade` tells which answers, `reply` makes the next message of their grades.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.bank.question import Bank, Question
from grader.grade import Grade
from grader.interview import wording
from grader.interview.commands import Command
from grader.interview.plan import Options, plan
from grader.interview.transcript import Asked, Message, Transcript, read
from grader.request import GradeRequest


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one question; `grade` is None where it was skipped."""

    number: int
    question: Question
    answers: tuple[str, ...]
    hints: int
    grade: Grade | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The interviewer's next message; the grade of the answer that it replies to; at the end, every result."""

    text: str
    grade: Grade | None = None
    results: tuple[Result, ...] = ()
    over: bool = False


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview on a bank, as far as its messages go."""

    bank: Bank
    questions: tuple[Question, ...]
    transcript: Transcript


def interview(bank: Bank, options: Options, messages: Sequence[Message]) -> Interview:
    """Where an interview stands.

    Raises:
        InterviewError: the bank has no question of the topic and difficulty wanted.
    """
    questions = plan(bank, options)
    return Interview(bank, questions, read(messages, bank, questions))


def to_grade(held: Interview) -> tuple[GradeRequest, ...]:
    """The answers whose grades `reply` wants: those to the open question, and at the end all."""
    script = held.transcript
    if script.current is None:
        return ()
    ending = script.last is Command.STOP or script.current.number >= script.total
    asked = script.asked if ending else (script.current,)
    return tuple(request for one in asked for request in _requests(one))


def reply(held: Interview, grades: Sequence[Grade]) -> Reply:
    """The next message.

    Args:
        held: where the interview stands.
        grades: the grades of `to_grade(held)`, in order.
    """
    known = {
        (request.question_id, request.answer): grade for request, grade in zip(to_grade(held), grades, strict=True)
    }
    current = held.transcript.current
    if current is None:
        return _before(held)
    if held.transcript.last is None or isinstance(held.transcript.last, Command):
        return _obey(held, current, known)
    return _graded(held, current, known)


_Known = Mapping[tuple[str | None, str], Grade]


def _requests(asked: Asked) -> list[GradeRequest]:
    """An answer and what was added to it count together; or what was added, where that is the better answer."""
    if not asked.answers:
        return []
    whole = "\n".join(asked.answers)
    return [
        GradeRequest(question_id=asked.question.id, answer=text) for text in dict.fromkeys((whole, asked.answers[-1]))
    ]


def _grade_of(asked: Asked, known: _Known) -> Grade | None:
    grades = [known[request.question_id, request.answer] for request in _requests(asked)]
    return max(grades, key=lambda grade: -1.0 if grade.score is None else grade.score, default=None)


def _before(held: Interview) -> Reply:
    """The reply while no question is open: the first, or one after the end."""
    if held.transcript.over:
        return Reply(wording.OVER, over=True)
    if held.transcript.last is Command.STOP:
        return _end(held, {}, "")
    hello = wording.greeting(held.bank, held.transcript.total)
    return Reply(f"{hello}\n\n{_asking(held, 1)}")


def _obey(held: Interview, asked: Asked, known: _Known) -> Reply:
    question = _asking(held, asked.number)
    match held.transcript.last:
        case Command.STOP:
            return _end(held, known, "")
        case Command.SKIP:
            return _next(held, known, "All right." if asked.answers else "Skipped.")
        case Command.HINT:
            return Reply(_hint(held, asked, known))
        case Command.HELP:
            return Reply(f"{wording.COMMANDS}\n\n{question}")
        case Command.ASK:
            return Reply(f"{wording.ASKED_BACK}\n\n{question}")
    return Reply(question)


def _graded(held: Interview, asked: Asked, known: _Known) -> Reply:
    grade = _grade_of(asked, known)
    if grade is None:
        return Reply(_asking(held, asked.number))
    told = wording.remarks(held.bank, asked.question, grade, again=len(asked.answers) > 1)
    last = asked.followed_up or len(asked.answers) > 1
    wanted = None if last else wording.follow_up(held.bank, asked.question, grade, asked.hints)
    if wanted is not None:
        return Reply(f"{told}\n\n{wording.following(asked.number, held.transcript.total, wanted)}", grade)
    return _next(held, known, told, grade)


def _hint(held: Interview, asked: Asked, known: _Known) -> str:
    text = wording.hint(held.bank, asked.question, _grade_of(asked, known), asked.hints - 1)
    return f"Hint to question {asked.number} of {held.transcript.total}: {text}"


def _next(held: Interview, known: _Known, told: str, grade: Grade | None = None) -> Reply:
    current = held.transcript.current
    number = current.number + 1 if current else 1
    if number > min(held.transcript.total, len(held.questions)):
        return _end(held, known, told, grade)
    return Reply(f"{told}\n\n{_asking(held, number)}", grade)


def _end(held: Interview, known: _Known, told: str, grade: Grade | None = None) -> Reply:
    script = held.transcript
    results = tuple(
        Result(one.number, one.question, one.answers, one.hints, _grade_of(one, known))
        for one in script.asked
        if one.answers or one.skipped
    )
    seen = {one.number for one in script.asked}
    unseen = [number for number in range(1, max(seen, default=0)) if number not in seen]
    last = wording.summary(held.bank, [(one.number, one.question, one.grade) for one in results], unseen)
    return Reply("\n\n".join(part for part in (told, last) if part), grade, results, over=True)


def _asking(held: Interview, number: int) -> str:
    """The question of a number: as it was asked, else as planned."""
    script = held.transcript
    asked = {one.number: one.question for one in script.asked}
    question = asked.get(number) or held.questions[number - 1]
    return wording.asking(number, script.total, question)
