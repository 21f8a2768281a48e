"""A reply as an opinion: strict in its form, and every verdict only as good as its quote."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.grade import RemoteOutcome, Verdict
from grader.llm.opinion import Case, Heard, QuotedClaim, QuotedVerdict, RemoteOpinion, Unscored
from grader.text.normalize import Span, normalize
from grader.text.reading import Reading


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Criterion(_Strict):
    quote: str
    verdict: Verdict


class _Misconception(_Strict):
    quote: str
    claimed: bool


class _Reply(_Strict):
    criteria: dict[str, _Criterion]
    misconceptions: dict[str, _Misconception]


def read_reply(text: str, case: Case) -> Heard:
    """The opinion that a reply states, or why it states none: it is no JSON, not of the schema, or wholly unfounded."""
    try:
        reply = _Reply.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        malformed = first["type"] == "json_invalid"
        outcome = RemoteOutcome.MALFORMED if malformed else RemoteOutcome.OUT_OF_SCHEMA
        place = ".".join(map(str, first["loc"]))
        return Unscored(outcome, f"{place}: {first['msg']}" if place else first["msg"])
    strangers = _strangers(reply, case)
    if strangers:
        return Unscored(RemoteOutcome.OUT_OF_SCHEMA, strangers)
    return _founded(reply, case.reading)


def find_quote(quote: str, reading: Reading) -> Span | None:
    """Where whole words of the answer are what was quoted, letter by letter, white space aside; None where nowhere."""
    words = normalize(quote).text.split()
    if not any(character.isalnum() for word in words for character in word):
        return None
    found = re.search(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", reading.text)
    return None if found is None else Span(*found.span())


def _strangers(reply: _Reply, case: Case) -> str:
    """What is judged that was not asked, or was asked and is not judged."""
    asked = {
        "criteria": {one.id for one in case.question.criteria},
        "misconceptions": {one.id for one in case.question.misconceptions},
    }
    told = {"criteria": set(reply.criteria), "misconceptions": set(reply.misconceptions)}
    return "; ".join(
        f"{part}: {word} {', '.join(sorted(names))}"
        for part in asked
        for word, names in (("lacks", asked[part] - told[part]), ("adds", told[part] - asked[part]))
        if names
    )


def _founded(reply: _Reply, reading: Reading) -> Heard:
    criteria: dict[str, QuotedVerdict] = {}
    misconceptions: dict[str, QuotedClaim] = {}
    for name, judged in reply.criteria.items():
        quote = None if judged.verdict is Verdict.MISSING else find_quote(judged.quote, reading)
        if quote is not None or judged.verdict is Verdict.MISSING:
            criteria[name] = QuotedVerdict(judged.verdict, quote)
    for name, held in reply.misconceptions.items():
        quote = find_quote(held.quote, reading) if held.claimed else None
        if quote is not None or not held.claimed:
            misconceptions[name] = QuotedClaim(held.claimed, quote)
    voided = tuple(name for name in reply.criteria if name not in criteria)
    voided += tuple(name for name in reply.misconceptions if name not in misconceptions)
    if not criteria:
        return Unscored(RemoteOutcome.UNFOUNDED, "nothing that it quotes is in the answer")
    return RemoteOpinion(criteria, misconceptions, voided)
