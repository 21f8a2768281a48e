"""Text that speaks to whoever grades instead of answering."""

from __future__ import annotations

import re2

from grader.text.normalize import Span

_ORDER = r"\b(ignore|disregard|override|bypass)\b.{0,30}"
_RULES = r"\b(rubric|instructions?|prompts?|grading|guidelines|(scoring|grading|marking) (rules|criteria))\b"
_EARLIER = r"\b(everything|all|anything) (above|before)\b"
_AWARD = r"\b(give|award|assign|grant|grade|mark|score|rate)\b.{0,30}"
_HIGHEST = (
    r"\b(full|maximum|max|perfect|highest|top|all(?: the)?)\b.{0,12}\b(marks?|scores?|points?|credits?|grades?)\b"
)
_TREAT = r"\b(mark|grade|score|rate|consider|treat|accept|label)\b.{0,20}"
_THIS = r"\b(this|my|the) (answer|response|submission)\b"
_RIGHT = r".{0,30}\b(correct|right|100|10|perfect|passed|complete)\b"
_WHO = r"(grader|examiner|evaluator|marker|assessor|ai|model|assistant)\b"
_ROLE = r"(a|an|the) (grader|examiner|evaluator|helpful|ai|assistant|language model|lenient)\b"

_INSTRUCTIONS = tuple(
    re2.compile("(?i)" + pattern)
    for pattern in (
        _ORDER + _RULES,
        r"\b(ignore|disregard|forget|override)\b.{0,30}" + _EARLIER,
        r"\bforget (all |everything |any |the |your |previous |prior |earlier )+instructions?\b",
        _AWARD + _HIGHEST,
        _TREAT + _THIS + _RIGHT,
        _THIS + r" (is|should be|must be) (marked|graded|scored|accepted|considered|given|awarded)\b",
        r"\b(dear|note to|message to|instructions? (to|for)) (the )?" + _WHO,
        r"\battention,? (the )?(grader|examiner|evaluator|marker|assessor)\b",
        r"\byou are (now )?" + _ROLE,
        r"\b(system|developer) (prompt|message|override)\b|<\|?(system|im_start|user|assistant)\|?>|\[/?inst\]",
        r"\bset (the |my )?(score|grade|mark|verdicts?) (to|=)",
        r"[\"']?\bscore[\"']?\s*[:=]\s*(1\.0|1|100|10)\b.{0,20}(verdict|passed|met|correct|\})",
    )
)


def find_instruction(text: str) -> Span | None:
    """Where a text first speaks to the grader, or None."""
    line = text.replace("\n", " ")
    matches = (match for pattern in _INSTRUCTIONS if (match := pattern.search(line)))
    return min((Span(*match.span()) for match in matches), default=None)
