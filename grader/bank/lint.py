"""What can be found wrong with a bank by reading it, without a model."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence

from grader.bank.finding import Finding, Place, finding_in
from grader.bank.keywords import Keywords, is_pattern
from grader.bank.question import DRAFTED, Bank, Criterion, Question
from grader.text.reading import Reading, read
from grader.text.tokens import Token, tokenize

READ_LANGUAGE = "en"  # of dictionaries, stems and negation
_NEAR = 0.9  # the share of content words from which two questions ask the same
_LENGTH_CUE = 0.15  # the correlation of length and score from which length betrays the score
_TERSE = 12  # words
_AGREES = 0.25  # how far an exemplar's score may lie from the mean of its verdicts
_NAMED = 5  # questions that a finding names
_FEW = 20  # exemplars: in fewer, length and score go together by chance
_MATTERS = 0.03  # the share of the rubric below which a criterion's weight changes nothing
_BOUNDED = r"[^\W\d_A-Za-z]|\((?:[^()]|\([^()]*\))*\)"  # a letter beyond ASCII, or a group, beside RE2's boundary
_BEFORE_BOUNDARY, _BEHIND_BOUNDARY = re.compile(rf"({_BOUNDED})\\b"), re.compile(rf"\\b({_BOUNDED})")
_ENDS_BEYOND, _BEGINS_BEYOND = re.compile(r"[^\W\d_A-Za-z](?=$|[|)])"), re.compile(r"(?:^|[|(])([^\W\d_A-Za-z])")
_SEVERAL = re.compile("; |, or ")  # between claims that one statement holds


def lint_bank(bank: Bank) -> list[Finding]:
    """Every finding about a bank's structure, in its order."""
    found = [finding_in(bank, place, reason, mend) for place, reason, mend in _bank_findings(bank)]
    for number, question in enumerate(bank.questions):
        for place, reason, mend in _question_findings(question):
            found.append(finding_in(bank, ("questions", number, *place), reason, mend))
    return found


Found = Iterator[tuple[Place, str, str]]


def _bank_findings(bank: Bank) -> Found:
    if bank.language != READ_LANGUAGE:
        reason = f"is {bank.language!r}, but only English is read, so its grades are not to be trusted"
        yield ("language",), reason, "translate the bank, or write en if it is English"
    doubted = [question.id for question in bank.questions if question.review]
    if doubted:
        told = "1 question is" if len(doubted) == 1 else f"{len(doubted)} questions are"
        reason = f"{told} marked for review: {', '.join(doubted[:_NAMED])}{', …' * (len(doubted) > _NAMED)}"
        yield ("questions",), reason, "look at each beside its document, then remove review and review_reasons"
    asked = [read(question.question).content_stems for question in bank.questions]
    for later in range(len(asked)):
        for earlier in range(later):
            if _overlap(asked[earlier], asked[later]) >= _NEAR:
                same = f"asks the same as {bank.questions[earlier].id}"
                yield ("questions", later, "question"), same, "merge them, or say what is different"
    yield from _length_cue(bank)


def _length_cue(bank: Bank) -> Found:
    graded = [(len(exemplar.answer.split()), exemplar.score) for q in bank.questions for exemplar in q.exemplars]
    if len(graded) > _FEW:
        lengths, scores = zip(*graded, strict=True)
        if len(set(lengths)) > 1 and len(set(scores)) > 1:
            r = statistics.correlation(lengths, scores)
            if abs(r) >= _LENGTH_CUE:
                reason = f"the length of exemplars betrays their score (r = {r:.2f})"
                yield ("questions",), reason, "write longer wrong and shorter right ones, or the reverse"


def _question_findings(question: Question) -> Found:
    if not question.criteria:
        reason = "there are none, so they are drafted from the references"
        yield ("criteria",), reason, "write what a good answer states"
    yield from _criterion_findings(question)
    yield from _wording_findings(question)
    for number, misconception in enumerate(question.misconceptions):
        if not misconception.keywords:
            yield ("misconceptions", number, "keywords"), "there are none", "write the ways the error is put"
        yield from _pattern_findings(misconception.keywords, ("misconceptions", number, "keywords"))
    for number, exemplar in enumerate(question.exemplars):
        if exemplar.kind == "terse" and len(exemplar.answer.split()) > _TERSE:
            reason = f"terse, but over {_TERSE} words"
            yield ("exemplars", number, "answer"), reason, "shorten it or change its kind"
        if exemplar.kind == "misconception" and not exemplar.claims:
            yield ("exemplars", number, "claims"), "names no misconception", "name the one it claims"
        if not exemplar.claims and abs(exemplar.score - _verdict_mean(question, number)) > _AGREES:
            reason = f"{exemplar.score:g}, but its verdicts give {_verdict_mean(question, number):.2f}"
            yield ("exemplars", number, "score"), reason, "mend the score or the verdicts"


def _criterion_findings(question: Question) -> Found:
    asked = read(question.question)
    total = _counted_weight(question)
    for number, criterion in enumerate(question.criteria):
        if not criterion.keywords:
            yield ("criteria", number, "keywords"), "there are none", "write the ways the point can be said"
        elif is_told_by_words(criterion, asked):
            reason = "every group stands in the question itself, so keywords say nothing"
            yield ("criteria", number, "keywords"), reason, "add a group that only an answer would say"
        yield from _pattern_findings(criterion.keywords, ("criteria", number, "keywords"))
        if criterion.weight / total < _MATTERS:
            reason = f"{criterion.weight:g} of {total:g} changes no grade"
            yield ("criteria", number, "weight"), reason, "raise it, or drop the criterion"


def _wording_findings(question: Question) -> Found:
    """Statements of several claims that are not listed one by one, and single claims that stand for two statements."""
    seen = {one.statement: one.id for one in (*question.criteria, *question.misconceptions)}
    for part, statements in (("criteria", question.criteria), ("misconceptions", question.misconceptions)):
        for number, statement in enumerate(statements):
            drafted = statement.id.startswith(DRAFTED)
            if _SEVERAL.search(statement.statement) and not statement.said_as and not drafted:
                reason = "holds several claims, and a judge reads one at a time"
                yield (part, number, "statement"), reason, "list them in said_as"
            for rank, wording in enumerate(statement.said_as):
                if wording in seen:
                    reason = f"{seen[wording]} says it already"
                    yield (part, number, "said_as", rank), reason, "say it in other words, or leave it out"
                seen.setdefault(wording, statement.id)


def _pattern_findings(keywords: Keywords, place: Place) -> Found:
    """Patterns that want the end of a word beside a letter that RE2, whose words are ASCII, takes for no letter."""
    for number, group in enumerate(keywords):
        for rank, pattern in enumerate(group):
            letter = _unbounded(pattern) if is_pattern(pattern) else None
            if letter:
                reason = rf"\b knows ASCII letters only, so it finds no word's end beside {letter}"
                yield (*place, number, rank), reason, rf"write it without: ({letter}|lr\b) in place of ({letter}|lr)\b"


def _unbounded(pattern: str) -> str | None:
    """The first letter beyond ASCII that stands beside a boundary of words, alone or at the edge of a group."""
    for boundary, edge in ((_BEFORE_BOUNDARY, _ENDS_BEYOND), (_BEHIND_BOUNDARY, _BEGINS_BEYOND)):
        for beside in boundary.finditer(pattern):
            found = edge.search(beside[1])
            if found:
                return found[0].strip("|(")
    return None


def _counted_weight(question: Question) -> float:
    """The weight of a full rubric: what is required, and of the electives as many as are wanted."""
    required = sum(criterion.weight for criterion in question.criteria if not criterion.elective)
    electives = [criterion.weight for criterion in question.criteria if criterion.elective]
    return required + sum(electives[: question.at_least or 0])


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
