"""What the interviewer says, and how its own words are recognized again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.bank.question import Bank, Criterion, Question
from grader.grade import CriterionGrade, Flag, Grade, Verdict
from grader.scoring.feedback import gaps

ASKED_BACK = "I only ask and grade here, so I cannot answer that. You can say: hint, repeat, skip, stop."
COMMANDS = "Answer in your own words. You can also say: hint, repeat, skip, stop."
OVER = "The interview is over. Begin a new conversation to be asked again."
_END = "That was the interview"
_NUMBERED = re.compile(r"(?P<follow>Follow-up on )?[Qq]uestion (?P<number>\d{1,4}) of (?P<total>\d{1,4})\b")
_CLAIMS = (Flag.MISCONCEPTION, Flag.CONTRADICTION)  # flags of what an answer says, not of what it is
_REMINDERS = 2  # hints for each question in the summary


def greeting(bank: Bank, total: int) -> str:
    """The first words."""
    many = f"{total} questions" if total > 1 else "one question"
    return f"Hello! This is an interview with {many} on “{bank.title}”. {COMMANDS}"


def asking(number: int, total: int, question: Question) -> str:
    """A question, in words that are recognized again."""
    return f"Question {number} of {total}: {question.question}"


@dataclass(frozen=True, slots=True)
class Named:
    """A question as a message names it: its number, how many there are, and what stands after that."""

    number: int
    total: int
    rest: str
    follow_up: bool


def numbered(text: str) -> Named | None:
    """The last question that a message of the interviewer names; before it may stand what it quotes."""
    found = None
    for match in _NUMBERED.finditer(text):
        found = match
    if found is None:
        return None
    rest = text[found.end() :].removeprefix(":").strip()
    return Named(int(found["number"]), int(found["total"]), rest, follow_up=found["follow"] is not None)


def is_end(text: str) -> bool:
    """Whether a message of the interviewer is its last; an answer that is quoted in it stands inside a line."""
    return any(line.startswith((_END, OVER)) for line in text.splitlines())


def remarks(bank: Bank, question: Question, grade: Grade, *, again: bool) -> str:
    """What was right and wrong in an answer, and what it earned; what it misses is left for the follow-up."""
    if grade.feedback is None:
        return f"This could not be graded: {grade.error.message if grade.error else 'no reason is known'}."
    missed = _missed(grade)
    partly = {one.id for one in missed if one.verdict is Verdict.PARTIAL}
    told = grade.feedback.candidate.removesuffix(" ".join(gaps(_statements(question, missed), partly, bank.reveal)))
    return f"{'Together' if again else 'Score'}: {grade.points:g} of {grade.max_points:g}. {told.rstrip()}"


def follow_up(bank: Bank, question: Question, grade: Grade, given: int) -> str | None:
    """What to ask next about an answer, after so many hints; None where it leaves nothing open."""
    missed = _missed(grade)
    if any(flag.cap < 1 and flag.flag not in _CLAIMS for flag in grade.flags):
        return "Try it once more, or say skip."
    if grade.misconceptions or any(one.verdict is Verdict.CONTRADICTED for one in grade.criteria if one.counted):
        return "What would you say instead?"
    if not missed:
        return None
    pointers = _pointers(bank, question, [one for one in missed if not one.elective])
    if pointers:
        heard = [point.hint for point in _by_weight(question.criteria) if point.hint][:given]
        return next((pointer for pointer in pointers if pointer not in heard), pointers[0])
    electives = sum(one.elective for one in missed)
    return f"Can you name {electives} more?" if electives else "What else belongs to a full answer?"


def following(number: int, total: int, text: str) -> str:
    """A follow-up, in words by which its question is recognized again."""
    return f"Follow-up on question {number} of {total}: {text}"


def hint(bank: Bank, question: Question, grade: Grade | None, given: int) -> str:
    """The next hint, to what an answer so far does not say; `given` were given before."""
    if bank.reveal == "nothing":
        return "This bank gives no hints."
    open_points: Sequence[Criterion] = question.criteria
    if grade is not None and grade.criteria:
        open_points = _statements(question, _missed(grade))
    hints = [point.hint for point in _by_weight(open_points) if point.hint]
    if not hints:
        return "There is no hint to this."
    return hints[given] if given < len(hints) else f"There are no more hints. The first was: {hints[0]}"


def summary(bank: Bank, results: Sequence[tuple[int, Question, Grade | None]], unseen: Sequence[int]) -> str:
    """The last words: what each question earned, and what to look at again.

    Args:
        bank: where the questions are from.
        results: number, question and grade of each question that was answered or skipped (None).
        unseen: the numbers of questions of which the messages do not tell.
    """
    return "\n\n".join(_summary(bank, results, unseen))


def _summary(bank: Bank, results: Sequence[tuple[int, Question, Grade | None]], unseen: Sequence[int]) -> Iterator[str]:
    if not results:
        yield f"{_END}; no question was answered."
        return
    earned = sum(grade.points or 0 for _, _, grade in results if grade is not None)
    most = sum(question.max_points for _, question, _ in results)
    passed = sum(bool(grade and grade.passed) for _, _, grade in results)
    yield f"{_END}: {earned:g} of {most:g} points; {passed} of {len(results)} questions passed."
    yield "\n".join(f"{number}. {question.question} {_earned(grade)}" for number, question, grade in results)
    again = [line for _, question, grade in results for line in _again(bank, question, grade)]
    if again:
        yield "To look at again:\n" + "\n".join(again)
    if unseen:
        yield f"Not counted, because the messages before were not sent along: {', '.join(map(str, unseen))}."


def _earned(grade: Grade | None) -> str:
    if grade is None:
        return "– skipped"
    return "– not graded" if grade.points is None else f"– {grade.points:g} of {grade.max_points:g}"


def _again(bank: Bank, question: Question, grade: Grade | None) -> Iterator[str]:
    if grade is None or not grade.criteria:
        return
    unmet = [one for one in grade.criteria if one.counted and one.verdict is not Verdict.MET]
    pointers = _pointers(bank, question, unmet)[:_REMINDERS]
    if pointers:
        yield f"- {question.question} {' '.join(pointers)}"


def _missed(grade: Grade) -> list[CriterionGrade]:
    return [one for one in grade.criteria if one.counted and one.verdict in (Verdict.PARTIAL, Verdict.MISSING)]


def _pointers(bank: Bank, question: Question, missed: Sequence[CriterionGrade]) -> list[str]:
    if bank.reveal == "nothing":
        return []
    return [point.hint for point in _by_weight(_statements(question, missed)) if point.hint]


def _statements(question: Question, graded: Sequence[CriterionGrade]) -> list[Criterion]:
    """The criteria of verdicts; those of a drafted rubric stand in the grade alone."""
    known = {criterion.id: criterion for criterion in question.criteria}
    return [
        known.get(one.id) or Criterion(id=one.id, statement=one.statement, weight=one.weight, elective=one.elective)
        for one in graded
    ]


def _by_weight(points: Sequence[Criterion]) -> list[Criterion]:
    return sorted(points, key=lambda point: -point.weight)
