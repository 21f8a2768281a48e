"""How numbers, verdicts and reasons are written for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from grader.grade import Flag, Label, Reason, Verdict
from grader_api.problems import ProblemOut

_LABELS = {Label.CORRECT: "correct", Label.PARTIAL: "partly correct", Label.INCORRECT: "incorrect"}
_VERDICTS = {
    Verdict.MET: "met",
    Verdict.PARTIAL: "partly met",
    Verdict.MISSING: "missing",
    Verdict.CONTRADICTED: "contradicted",
}
_SIGNS = {"met": "✓", "partial": "◐", "missing": "–", "contradicted": "✗"}
_REASONS = {
    Reason.NEAR_PASS_MARK: "The score may lie on either side of the pass mark.",
    Reason.SIGNALS_DISAGREE: "What the grade rests on does not agree.",
    Reason.GUARD_FIRED: "Something about the answer itself is unusual.",
    Reason.SELF_CONTRADICTION: "The answer says a point and denies it too.",
    Reason.DRAFTED_RUBRIC: "The rubric was drafted from the reference answer and not written by a person.",
}
_FLAGS = {
    Flag.BLANK: "Blank",
    Flag.TOO_SHORT: "Very short",
    Flag.GIBBERISH: "Not readable",
    Flag.OTHER_LANGUAGE: "In another language",
    Flag.COPIES_QUESTION: "Repeats the question",
    Flag.KEYWORD_LIST: "A list of words",
    Flag.DENIAL: "Denies what is asked for",
    Flag.SHUFFLED: "Words in no order",
    Flag.OFF_TOPIC: "About something else",
    Flag.INSTRUCTION_LIKE: "Addressed to the grader",
    Flag.HIDDEN_TEXT: "Has hidden characters",
    Flag.CONTRADICTION: "Contradicts itself",
    Flag.MISCONCEPTION: "Holds a known error",
}


_FIELDS = {
    "question_id": "Question",
    "candidate_id": "Candidate",
    "author": "Your name",
    "reason": "Reason",
    "score": "Points",
}


def label(value: Label) -> str:
    """A label in words."""
    return _LABELS[value]


def verdict(value: Verdict) -> str:
    """A verdict in words."""
    return _VERDICTS[value]


def sign(value: Verdict) -> str:
    """A verdict as one sign."""
    return _SIGNS[value.value]


def reason(value: Reason) -> str:
    """Why a person should look, as a sentence."""
    return _REASONS.get(value) or f"{value.value.replace('_', ' ').capitalize()}."


def flag(value: Flag) -> str:
    """A flag in words."""
    return _FLAGS.get(value) or value.value.replace("_", " ").capitalize()


def number(value: float) -> str:
    """A number with no more decimals than it needs, at most two."""
    return f"{round(value, 2):g}"


def percent(value: float) -> str:
    """A share in [0, 1] as a percentage."""
    return f"{value:.0%}"


def moment(value: datetime) -> str:
    """A time, in UTC, to the minute."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def detail(value: ProblemOut) -> str:
    """What is wrong, as a sentence, with fields called as the pages call them."""
    path, told = value.errors[0].path if value.errors else "", value.detail
    if path in _FIELDS:
        told = f"{_FIELDS[path]}: {told.removeprefix(f'{path}: ')}"
    told = told[:1].upper() + told[1:]
    return told if told.endswith((".", "…", "?", "!")) else f"{told}."


FILTERS: dict[str, Callable[..., Any]] = {
    one.__name__: one for one in (label, verdict, sign, reason, flag, number, percent, moment, detail)
}
"""By the names they have in templates."""
