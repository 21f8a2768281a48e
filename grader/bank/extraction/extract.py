"""A document's lines to its questions and answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grader.bank.extraction.asides import clean, lines_told
from grader.bank.extraction.blocks import Block, Kind, read_blocks, render
from grader.bank.extraction.chain import choose_questions
from grader.bank.extraction.found import Extraction, Found, Unanswered
from grader.bank.extraction.inline import plain_inline
from grader.bank.extraction.marks import (
    Start,
    Style,
    answer_mark,
    answer_mark_inside,
    asks,
    code_lines,
    find_starts,
    sets_task,
)
from grader.bank.extraction.tables import read_tables

_SHORT_ANSWER, _LONG_ANSWER = 3, 1000  # words
_MOST_MARK_LINES = 12  # lines with words: an answer's mark further down belongs to no question above it


def extract(lines: Sequence[str]) -> Extraction:
    """The questions and answers of a document, in its order; none if it has none. Any text is read.

    Where no lines begin questions, they are sought in tables.
    """
    code = code_lines(lines)
    starts = _counted(choose_questions(find_starts(lines, code), lines))
    if not starts:
        return Extraction(*read_tables(lines, code))
    ends = [start.line for start in starts[1:]] + [len(lines)]
    found: list[Found] = []
    unanswered: list[Unanswered] = []
    for start, end in zip(starts, ends, strict=True):
        one = _read(start, lines[start.line : end], code, last=end == len(lines))
        if isinstance(one, Found):
            found.append(one)
        else:
            unanswered.append(one)
    return Extraction(_doubt_numbers(found), tuple(unanswered))


def _counted(starts: Sequence[Start]) -> tuple[Start, ...]:
    """The starts with numbers: their places, where the document gives none or, as lists that begin anew, only ones."""
    if len({start.number for start in starts}) > 1:
        return tuple(starts)
    first = starts[0].number if len(starts) == 1 else None
    return tuple(replace(start, number=first or place) for place, start in enumerate(starts, start=1))


def _read(start: Start, lines: Sequence[str], code: frozenset[int], *, last: bool) -> Found | Unanswered:
    number = start.number or 0
    asked, body, marked = _divide(start, lines)
    question, tail = _divide_question(_unmarked(asked, start), whole=marked)
    blocks = read_blocks(body, start.line + len(lines) - len(body), code)
    if tail:
        blocks.insert(0, Block(Kind.PROSE, start.line, start.line, (tail,), spaced=True))
    cleaned = clean(blocks, start, last=last)
    answer = render(cleaned.blocks)
    if not re.search(r"\w", answer) or not re.search(r"\w", question):
        return Unanswered(number, question, start.line + 1)
    doubts = [*_own_doubts(start, question, answer, tail), *cleaned.doubts]
    doubts += [f"{lines_told(b.first, b.first)} asks something too" for b in cleaned.blocks if _asks_too(b)]
    return Found(number, question, answer, start.line + 1, cleaned.blocks[-1].last + 1, tuple(doubts))


def _divide(start: Start, lines: Sequence[str]) -> tuple[str, Sequence[str], bool]:
    """What is asked, the lines of the answer, and whether a mark stands between them.

    The answer's lines are the last of those given, so that their places are known; the first may be what stands behind
    the mark.
    """
    inside = answer_mark_inside(start.text)
    if inside:
        return start.text[: inside.start()], [start.text[inside.end() :], *lines[1:]], True
    seen = 0
    for place, line in enumerate(lines[1:], start=1):
        mark = answer_mark(line, lettered=start.style is Style.LETTER)
        if mark is not None:
            asked = [start.text, *lines[1:place]]
            return "\n".join(part for part in asked if part.strip()), [line[mark:], *lines[place + 1 :]], True
        seen += bool(line.strip())
        if seen > _MOST_MARK_LINES:
            break
    asked_lines = _wrapped(start, lines)
    asked_text = "\n".join([start.text, *lines[1:asked_lines]])
    body = list(lines[asked_lines:])
    if start.style is Style.TERM:
        body = [line[4:] if line[:4] in (":   ", "    ") else line.lstrip(": ") for line in body]
    return asked_text, body, False


def _wrapped(start: Start, lines: Sequence[str]) -> int:
    """How many lines the question takes: it goes on to a question mark, in its paragraph or behind a page's end."""
    if not re.search(r"\w", start.text):  # a heading `Question 3`: what is asked stands below it
        below = next((place for place, line in enumerate(lines[1:], start=1) if line.strip()), 0)
        end = below
        while below and end < len(lines) and lines[end].strip():
            end += 1
        return max(end, 1)
    text = start.text.rstrip(" *_")
    if re.search(r"[?.!:]$", text) or start.style is Style.TERM:
        return 1
    below = next((place for place, line in enumerate(lines[1:4], start=1) if line.strip()), 0)
    if below > 1 and not lines[below].strip()[0].islower():
        return 1
    for place in range(max(below, 1), len(lines)):
        line = lines[place].strip().rstrip("*_ ")
        if not line or line.startswith(("-", "*", "•", "#", "|")):
            break
        if line.endswith("?"):
            return place + 1
    return 1


_TAIL = re.compile(r"\?[\"”’»)\]]*(?P<gap>\s+)(?=[^\W_(])")
_ASKED_BY = re.compile(r"\s*\((?:asked (?:in|at|by)\b|[^()]{0,30}\binterview question)[^()]*\)\s*$", re.IGNORECASE)
# behind what is asked: names in square brackets, or what it is worth
_TAG = re.compile(
    r"(?<=[?.])\s*(?:\[[A-Z][\w.&-]*(?:[ ,/]{1,2}(?:and |& )?[A-Z][\w.&-]*){0,5}\]"
    r"|[(\[]\d{1,3} ?(?:marks?|points?|pts)[)\]])\s*$"
)
_SENTENCE = re.compile(r"[.!?][\"”’)]*\s+(?=[^\W\d_a-z])")


def _divide_question(text: str, *, whole: bool) -> tuple[str, str]:
    """A question, and what stands behind its last question mark and asks nothing: the beginning of the answer.

    Who asked it, in brackets at the end, is no part of it. `whole` if the document marks the answer itself.
    """
    text = _TAG.sub("", _ASKED_BY.sub("", text))
    cuts = list(_TAIL.finditer(text))
    if not cuts:
        return text, ""
    if not whole and text.rstrip().endswith("?"):
        return text, ""
    cut = cuts[-1]
    tail = text[cut.end() :]
    if any(sets_task(part) or "?" in part for part in _SENTENCE.split(tail)):
        return text, ""
    return text[: cut.end()].rstrip(), tail


def _unmarked(asked: str, start: Start) -> str:
    """What is asked as plain text on one line; the bold that began before the mark ends in it."""
    text = asked.strip()
    if start.dress == "bold":
        text = text[2:].lstrip() if text.startswith(("**", "__")) and not text.endswith(("**", "__")) else f"**{text}"
    text = text.rstrip("#").rstrip() if start.level else text
    return " ".join(plain_inline(text).replace("**", "").split())


def _own_doubts(start: Start, question: str, answer: str, tail: str) -> list[str]:
    doubts = []
    if not asks(question):
        doubts.append("it does not read as a question")
    elif start.style is Style.HEADING and "?" not in question:
        doubts.append("it has no question mark")
    if start.style is Style.BARE:
        doubts.append("only its question mark marks it as a question")
    if tail:
        doubts.append("what stands behind the question mark was read as the beginning of the answer")
    words = len(answer.split())
    if words < _SHORT_ANSWER:
        doubts.append(f"the answer has {words} word{'s' * (words != 1)}")
    if words > _LONG_ANSWER:
        doubts.append(f"the answer has {words} words: it may hold more than one")
    return doubts


def _asks_too(block: Block) -> bool:
    text = plain_inline(block.text.lstrip("# "))
    return (block.kind is Kind.HEADING or len(block.lines) == 1) and block.spaced and text.endswith("?")


def _doubt_numbers(found: Sequence[Found]) -> tuple[Found, ...]:
    """The questions, with a doubt where a number stands more than once or does not follow the one before it."""
    often = Counter(one.number for one in found)
    doubted = []
    before: int | None = None
    for one in found:
        doubts = one.doubts
        if often[one.number] > 1:
            doubts = (f"the number {one.number} stands {often[one.number]} times", *doubts)
        elif before is not None and one.number < before:
            doubts = (f"its number {one.number} comes after {before}", *doubts)
        doubted.append(replace(one, doubts=doubts))
        before = one.number
    return tuple(doubted)
