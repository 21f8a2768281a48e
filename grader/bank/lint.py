"""What can be found wrong with a bank by reading it, without a model."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.bank.keywords import is_pattern
from grader.bank.question import Bank, Criterion, Question
from grader.text.reading import Reading, read
from grader.text.tokens import Token, tokenize

_NEAR = 0.9  # the share of content words from which two questions ask the same
_LENGTH_CUE = 0.15  # the correlation of length and score from which length betrays the score
_TERSE = 12  # words
_AGREES = 0.25  # how far an exemplar's score may lie from the mean of its verdicts
_NAMED = 5  # questions that a finding names
_MATTERS = 0.03  # the share of the rubric below which a criterion's weight changes nothing


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend: where (`bank.yaml` path inside the bank), what, and how."""

    bank: str
    path: str
    reason: str
    mend: str

    def __str__(self) -> str:
        return f"{self.bank}: {self.path}: {self.reason} ({self.mend})"


def lint_bank(bank: Bank) -> list[Finding]:
    """Every finding about a bank's structure, in its order."""
    found = [Finding(bank.bank, path, reason, mend) for path, reason, mend in _bank_findings(bank)]
    for place, question in enumerate(bank.questions):
        for path, reason, mend in _question_findings(question):
            found.append(Finding(bank.bank, f"questions[{place}].{path} ({question.id})", reason, mend))
    return found


_Found = Iterator[tuple[str, str, str]]


def _bank_findings(bank: Bank) -> _Found:
    doubted = [question.id for question in bank.questions if question.review]
    if doubted:
        told = "1 question is" if len(doubted) == 1 else f"{len(doubted)} questions are"
        reason = f"{told} marked for review: {', '.join(doubted[:_NAMED])}{', …' * (len(doubted) > _NAMED)}"
        yield "questions", reason, "look at each beside its document, then remove review and review_reasons"
    asked = [read(question.question).content_stems for question in bank.questions]
    for later in range(len(asked)):
        for earlier in range(later):
            if _overlap(asked[earlier], asked[later]) >= _NEAR:
                same = f"asks the same as {bank.questions[earlier].id}"
                yield f"questions[{later}].question", same, "merge them, or say what is different"
    graded = [(len(exemplar.answer.split()), exemplar.score) for q in bank.questions for exemplar in q.exemplars]
    if len(graded) > 20:
        lengths, scores = zip(*graded, strict=True)
        if len(set(lengths)) > 1 and len(set(scores)) > 1:
            r = statistics.correlation(lengths, scores)
            if abs(r) >= _LENGTH_CUE:
                reason = f"the length of exemplars betrays their score (r = {r:.2f})"
                yield "questions", reason, "write longer wrong and shorter right ones, or the reverse"


def _question_findings(question: Question) -> _Found:
    if not question.criteria:
        yield "criteria", "there are none, so they are drafted from the references", "write what a good answer states"
    yield from _criterion_findings(question)
    for place, misconception in enumerate(question.misconceptions):
        if not misconception.keywords:
            yield f"misconceptions[{place}].keywords", "there are none", "write the ways the error is put"
    for place, exemplar in enumerate(question.exemplars):
        if exemplar.kind == "terse" and len(exemplar.answer.split()) > _TERSE:
            yield f"exemplars[{place}].answer", f"terse, but over {_TERSE} words", "shorten it or change its kind"
        if exemplar.kind == "misconception" and not exemplar.claims:
            yield f"exemplars[{place}].claims", "names no misconception", "name the one it claims"
        if not exemplar.claims and abs(exemplar.score - _verdict_mean(question, place)) > _AGREES:
            reason = f"{exemplar.score:g}, but its verdicts give {_verdict_mean(question, place):.2f}"
            yield f"exemplars[{place}].score", reason, "mend the score or the verdicts"


def _criterion_findings(question: Question) -> _Found:
    asked = read(question.question)
    total = sum(criterion.weight for criterion in question.criteria)
    for place, criterion in enumerate(question.criteria):
        if not criterion.keywords:
            yield f"criteria[{place}].keywords", "there are none", "write the ways the point can be said"
        elif is_told_by_words(criterion, asked):
            reason = "every group stands in the question itself, so keywords say nothing"
            yield f"criteria[{place}].keywords", reason, "add a group that only an answer would say"
        if not criterion.elective and criterion.weight / total < _MATTERS:
            reason = f"{criterion.weight:g} of {total:g} changes no grade"
            yield f"criteria[{place}].weight", reason, "raise it, or drop the criterion"


def is_told_by_words(criterion: Criterion, asked: Reading) -> bool:
    """Whether every group of a criterion has words that stand in the question; patterns are not tried here."""
    return all(
        any(_words_stand_in(word, asked) for word in group if not is_pattern(word)) for group in criterion.keywords
    )


def _words_stand_in(alternative: str, text: Reading) -> bool:
    if alternative[:2].lower() not in text.text.lower():
        return False  # most do not even begin alike, and there are thousands
    wanted = tokenize(alternative)
    starts = range(len(text.tokens) - len(wanted) + 1)
    starred = alternative.endswith("*")
    return any(_says(text.tokens[i : i + len(wanted)], wanted, starred=starred) for i in starts)


def _says(given: Sequence[Token], wanted: Sequence[Token], *, starred: bool) -> bool:
    """Whether words are an alternative's, by stem; the last one by its beginning if it is starred."""
    if starred and not given[-1].form.startswith(wanted[-1].form):
        return False
    compared = len(wanted) - starred
    return [token.stem for token in given[:compared]] == [token.stem for token in wanted[:compared]]


def _verdict_mean(question: Question, place: int) -> float:
    """The weighted mean of an exemplar's verdicts (met 1, partial ½), the best `at_least` of the electives counted."""
    worth = {"met": 1.0, "partial": 0.5}
    verdicts = question.exemplars[place].verdicts
    earned = [
        (criterion.weight, worth.get(verdicts[criterion.id], 0.0) if criterion.id in verdicts else 0.0)
        for criterion in question.criteria
        if not criterion.elective
    ]
    electives = sorted(
        (
            (criterion.weight, worth.get(verdicts[criterion.id], 0.0) if criterion.id in verdicts else 0.0)
            for criterion in question.criteria
            if criterion.elective
        ),
        key=lambda pair: -pair[1],
    )
    counted = earned + electives[: question.at_least or 0]
    total = sum(weight for weight, _ in counted)
    return sum(weight * share for weight, share in counted) / total if total else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
