"""What can be found wrong with a rubric by grading with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from grader.bank.finding import Finding, finding_in
from grader.bank.library import Library
from grader.bank.lint import Found, is_told_by_words
from grader.bank.question import Bank, Question
from grader.encoders.protocol import Encoder, Judge
from grader.grade import Verdict
from grader.grading import Grader
from grader.request import GradeRequest
from grader.signals.keywords import compile_matcher
from grader.text.reading import read

Watched = Callable[[Sequence[Question]], Iterable[Question]]
_OFF = 0.25  # how far a grade may lie from an exemplar's score
_RIGHT = 0.8  # the score from which an exemplar is a right answer


def lint_rubrics(bank: Bank, encoder: Encoder, judge: Judge | None = None, watched: Watched = iter) -> list[Finding]:
    """Grade a bank's own references and exemplars, and report where its rubric does not do what it should.

    `watched` is handed the questions and gives them back one by one, so that progress can be shown.
    """
    grader = Grader(Library([bank]), encoder, judge)
    checks = (_told, partial(_unreachable, grader=grader), partial(_misgraded, grader=grader))
    return [
        finding_in(bank, ("questions", number, *place), reason, mend)
        for number, question in enumerate(watched(bank.questions))
        for check in checks
        for place, reason, mend in check(question)
    ]


def _told(question: Question) -> Found:
    """Criteria whose keywords, patterns included, the question itself says (those told by words alone are lint's)."""
    asked = read(question.question)
    for number, criterion in enumerate(question.criteria):
        left = compile_matcher(criterion.keywords, read(criterion.statement), asked).groups
        if criterion.keywords and not left and not is_told_by_words(criterion, asked):
            reason = "the question itself says every group, so keywords say nothing"
            mend = "narrow its patterns, or add a group that only an answer says"
            yield ("criteria", number, "keywords"), reason, mend


def _unreachable(question: Question, grader: Grader) -> Found:
    """Criteria that no reference meets."""
    if not question.criteria:
        return
    grades = grader.grade_many([GradeRequest(question_id=question.id, answer=text) for text in question.references])
    for number, criterion in enumerate(question.criteria):
        verdicts = {grade.criteria[number].verdict for grade in grades}
        if Verdict.MET not in verdicts and not criterion.elective:
            reason = f"no reference meets it ({', '.join(sorted(verdicts))})"
            yield ("criteria", number), reason, "widen its keywords, or say the point in a reference"
    for number, grade in enumerate(grades):
        for claimed in grade.misconceptions:
            reason = f"seems to claim the misconception {claimed.id}"
            yield ("references", number), reason, "narrow the misconception's keywords"


def _misgraded(question: Question, grader: Grader) -> Found:
    """Exemplars graded far off their score, and right ones that trigger a misconception."""
    requests = [GradeRequest(question_id=question.id, answer=exemplar.answer) for exemplar in question.exemplars]
    for number, (exemplar, grade) in enumerate(zip(question.exemplars, grader.grade_many(requests), strict=True)):
        if grade.score is not None and abs(grade.score - exemplar.score) > _OFF:
            reason = f"{exemplar.kind} of {exemplar.score:g} is graded {grade.score:.2f}"
            mend = "mend the keywords of the criteria it meets or misses, or its score"
            yield ("exemplars", number), reason, mend
        unclaimed = [claimed.id for claimed in grade.misconceptions if claimed.id not in exemplar.claims]
        if exemplar.score >= _RIGHT and unclaimed:
            reason = f"a right answer triggers the misconception {', '.join(unclaimed)}"
            yield ("exemplars", number), reason, "narrow the misconception's keywords"
