"""Links between questions: `see_also` names the same question, or one that contains it, mostly in another bank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.bank.finding import Finding, finding_in
from grader.bank.question import Bank, Question


def lint_links(banks: Sequence[Bank], at_hand: Sequence[Bank] = ()) -> list[Finding]:
    """Links of `banks` that name nothing, the question itself, or a question that does not link back.

    Questions are sought in `banks` and, after them, in those `at_hand`.
    """
    known = {question.id: question for bank in (*at_hand, *banks) for question in bank.questions}
    return [
        finding_in(bank, ("questions", number, "see_also", place), reason, mend)
        for bank in banks
        for number, question in enumerate(bank.questions)
        for place, reason, mend in _link_findings(question, known)
    ]


def _link_findings(question: Question, known: dict[str, Question]) -> Iterator[tuple[int, str, str]]:
    for place, name in enumerate(question.see_also):
        if name == question.id:
            yield place, "links the question to itself", "remove it"
        elif name in question.see_also[:place]:
            yield place, f"{name!r} stands more than once", "remove it"
        elif name not in known:
            yield place, f"{name!r} names no question at hand", "mend the id, or give its bank with --banks"
        elif question.id not in known[name].see_also:
            yield place, f"{name} does not link back", f"add {question.id} to its see_also"
