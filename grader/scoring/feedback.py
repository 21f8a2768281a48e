"""What to tell the candidate, and what to tell the grader."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from grader.bank.question import Criterion
from grader.grade import Feedback, Flag, Label, Verdict
from grader.scoring.combine import JudgedCriterion, Judgement
from grader.scoring.opening import IN_A_WORD, opening, tally_of
from grader.signals.guards import GuardFinding
from grader.text.normalize import Span
from grader.text.reading import Reading

Reveal = Literal["nothing", "hints", "statements"]
_QUOTE = 90  # code points of an answer that feedback quotes

_FLAG_ADVICE = {
    Flag.BLANK: "There is no answer yet.",
    Flag.TOO_SHORT: "The answer is very short; say it in a sentence.",
    Flag.GIBBERISH: "This could not be read as an answer.",
    Flag.OTHER_LANGUAGE: "Please answer in English.",
    Flag.COPIES_QUESTION: "This repeats the question; say what the answer to it is.",
    Flag.KEYWORD_LIST: "These are words on the topic; say in sentences what you claim about them.",
    Flag.DENIAL: "This denies much of what is asked for; look at every “not”.",
    Flag.SHUFFLED: "The words are in no readable order.",
    Flag.OFF_TOPIC: "This seems to answer another question.",
    Flag.INSTRUCTION_LIKE: "Text addressed to the grader is not graded.",
    Flag.HIDDEN_TEXT: "The answer contains characters that a reader cannot see.",
}


def feedback(judgement: Judgement, label: Label, reading: Reading, reveal: Reveal) -> Feedback:
    """Feedback for both sides.

    Args:
        judgement: what scoring made of the answer.
        label: the grade in a word.
        reading: the answer.
        reveal: what the candidate may see of a criterion that is not met: nothing, its hint, or its statement.
    """
    return Feedback(
        candidate=" ".join(_for_candidate(judgement, label, reading, reveal)),
        grader="\n".join(_for_grader(judgement, reading)),
    )


def _for_candidate(judgement: Judgement, label: Label, reading: Reading, reveal: Reveal) -> Iterator[str]:
    counted = [judged for judged in judgement.criteria if judged.counted]
    stopped = any(guard.cap < 1 for guard in judgement.guards)
    yield IN_A_WORD[label] if stopped else opening(label, tally_of(judgement))
    yield from (_FLAG_ADVICE[guard.flag] for guard in judgement.guards)
    if stopped:
        return  # what an answer that is none says, rightly or wrongly, is not worth quoting
    yield from _praise(counted, reading)
    yield from _corrections(judgement, counted, reading, reveal)
    missed = [judged for judged in counted if judged.verdict in (Verdict.PARTIAL, Verdict.MISSING)]
    partly = {judged.criterion.id for judged in missed if judged.verdict is Verdict.PARTIAL}
    yield from gaps([judged.criterion for judged in missed], partly, reveal)


def _praise(counted: Sequence[JudgedCriterion], reading: Reading) -> Iterator[str]:
    met = [judged for judged in counted if judged.verdict is Verdict.MET]
    partly = sum(judged.verdict is Verdict.PARTIAL for judged in counted)
    if met:
        quotes = dict.fromkeys(quote for judged in met if (quote := _quoted(_sentence_of(judged), reading)))
        where = f": {', '.join(list(quotes)[:2])}" if quotes else ""
        yield f"Right: {len(met)} of {len(counted)} point{'s' * (len(counted) > 1)}{where}."
    if partly:
        which = "more" if met else f"of {len(counted)}"
        yield f"Partly there: {partly} {which} point{'s' * ((partly if met else len(counted)) > 1)}."


def _corrections(
    judgement: Judgement, counted: list[JudgedCriterion], reading: Reading, reveal: Reveal
) -> Iterator[str]:
    for claim in judgement.claimed:
        quote = _quoted(claim.quote or claim.witness.similarity.nearest, reading)
        hint = claim.misconception.hint if reveal != "nothing" else None
        yield f"Not right: {quote}." + (f" {hint}" if hint else "")
    explained = {name for claim in judgement.claimed for name in claim.misconception.contradicts}
    for judged in counted:
        if judged.verdict is Verdict.CONTRADICTED and judged.criterion.id not in explained:
            yield f"Not right: {_quoted(_denial_of(judged), reading)}." + _pointer(judged.criterion, reveal)


def gaps(missed: Sequence[Criterion], partly: Collection[str], reveal: Reveal) -> Iterator[str]:
    """What is told of criteria that an answer does not meet, or but in part: the end of the candidate's feedback.

    Args:
        missed: the criteria.
        partly: the ids of those that it meets in part, which are told of before: where there is nothing to point at,
            they are not counted among the missing.
        reveal: what the candidate may see of them.
    """
    if not missed:
        return
    electives = [criterion for criterion in missed if criterion.elective]
    plain = [criterion for criterion in missed if not criterion.elective]
    pointed = [text for criterion in plain if (text := _pointer(criterion, reveal))]
    unpointed = sum(not _pointer(criterion, reveal) and criterion.id not in partly for criterion in plain)
    if pointed:
        yield "Still to say:" + "".join(pointed)
    if unpointed:
        yield f"{unpointed} more point{'s are' if unpointed > 1 else ' is'} missing."
    if electives:
        yield f"Name {len(electives)} more."


def _pointer(criterion: Criterion, reveal: Reveal) -> str:
    told = {"nothing": None, "hints": criterion.hint, "statements": criterion.statement}[reveal]
    return f" {told}" if told else ""


def _for_grader(judgement: Judgement, reading: Reading) -> Iterator[str]:
    for judged in judgement.criteria:
        uncounted = "" if judged.counted else ", beyond the number wanted"
        quote = _quoted(_sentence_of(judged), reading) if judged.verdict is not Verdict.MISSING else ""
        yield (
            f"{judged.verdict.value} (p {judged.probability:.2f}, weight {judged.criterion.weight:g}{uncounted}): "
            f"{judged.criterion.statement}" + (f" — {quote}" if quote else "")
        )
    for claim in judgement.claimed:
        quote = _quoted(claim.quote or claim.witness.similarity.nearest, reading)
        yield (
            f"misconception (p {claim.probability:.2f}, caps the score at {claim.misconception.cap:g}): "
            f"{claim.misconception.statement} — {quote}"
        )
    yield from (_flagged(guard) for guard in judgement.guards)


def _flagged(guard: GuardFinding) -> str:
    effect = f"caps the score at {guard.cap:g}" if guard.cap < 1 else "only warns"
    return f"flag {guard.flag.value} ({effect}): {guard.detail}"


def _sentence_of(judged: JudgedCriterion) -> Span | None:
    keywords = judged.witness.keywords
    if judged.quote is not None:
        return judged.quote
    if keywords is not None and keywords.spans:
        return keywords.spans[0]
    return judged.witness.similarity.nearest


def _denial_of(judged: JudgedCriterion) -> Span | None:
    keywords = judged.witness.keywords
    told = judged.quote is None and keywords is not None and keywords.denied_spans
    return keywords.denied_spans[0] if keywords is not None and told else _sentence_of(judged)


def _quoted(span: Span | None, reading: Reading) -> str:
    """The clause of the answer, as written, that holds the beginning of a span."""
    if span is None:
        return ""
    clause = next(
        (
            clause
            for sentence in reading.sentences
            for clause in sentence.clauses
            if clause.start <= span.start < clause.end
        ),
        span,
    )
    start, end = reading.normalized.written_span(clause)
    text = " ".join(reading.normalized.written[start:end].split()).rstrip(".;,!?:")
    return f"“{text[: _QUOTE - 1]}…”" if len(text) > _QUOTE else f"“{text}”"
