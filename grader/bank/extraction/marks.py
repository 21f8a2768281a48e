"""What can begin a question, and what begins an answer, as a line shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

INDENTED = 2  # columns: from here on a line belongs to what stands above it


class Style(StrEnum):
    """How a document marks its questions. What an earlier style can read, a later one does not."""

    NAMED = "named"  # Q3: …, Question 3) …
    NUMBERED = "numbered"  # 3. …, ### 3. …, **3.** …
    LETTER = "letter"  # Q: …
    TERM = "term"  # … and, on the next line, `:   …`: how HTML's dt and dd are written in Markdown
    HEADING = "heading"  # ## …?
    BOLD = "bold"  # **…?**
    BARE = "bare"  # a line of its own that ends in a question mark


class Dress(StrEnum):
    """What a line wears around its text."""

    HEADING = "heading"
    BOLD = "bold"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Start:
    """A line that may begin a question.

    `line` counts from 0; `text` is what follows the mark, as written; `level` is that of a heading (1–6), or 0.
    """

    line: int
    style: Style
    number: int | None
    text: str
    dress: Dress
    level: int
    indent: int


_DRESS = re.compile(r"^(?P<indent>[ \t]*)(?P<heading>#{1,6}[ \t]+)?(?P<bold>\*\*|__)?[ \t]*")
# runs of spaces are bounded: several unbounded ones side by side take cubic time on a line of spaces
_NAMED = re.compile(
    r"(?:Q|Que|Ques|Question)(?:[ \t]{1,9}(?:no|number))?[ \t]{0,9}\.?[ \t]{0,9}#?[ \t]{0,9}(?P<number>\d{1,4})"
    r"(?:[ \t]{0,9}(?:\\?[).:\]]|[-–—])+|(?=[ \t]{0,9}(?:\*\*|__)?[ \t]{0,9}$)|(?P<bare>(?=[ \t]{1,9}[^\W\d_])))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\(?(?P<number>\d{1,4})[ \t]{0,9}\\?[.):](?=[ \t*_]|[^\W\d_])")
_HEADING_NUMBER = re.compile(r"(?P<number>\d{1,4})[ \t]{1,9}(?=[^\W\d_])")
_LETTER = re.compile(r"(?:Q|Que|Ques|Question)[ \t]{0,9}[:.)](?=[ \t*]|[^\W\d_])", re.IGNORECASE)
_ANSWER = re.compile(
    r"^[ \t]{0,9}(?:#{1,6}[ \t]{1,9})?(?:\*\*|__)?[ \t]{0,9}"
    r"(?:(?:Ans|Answer)[ \t]{0,9}\.?[ \t]{0,9}\d{0,4}[ \t]{0,9}(?:\*\*|__)?[ \t]{0,9}(?:[:.)]|[-–—](?=[ \t])|$)"
    r"|A[ \t]{0,9}\d{0,4}[ \t]{0,9}(?:\*\*|__)?[ \t]{0,9}:|A[ \t]{0,9}\d{1,4}[ \t]{0,9}[.)])"
    r"[ \t]{0,9}(?:\*\*|__)?",
    re.IGNORECASE,
)
_ANSWER_LETTER = re.compile(r"^[ \t]{0,9}(?:\*\*|__)?A[.)](?:\*\*|__)?[ \t]{1,9}(?:\*\*|__)?")
_ANSWER_INSIDE = re.compile(
    r"[ \t]{0,9}(?:\*\*|__)+[ \t]{0,9}(?:A|Ans|Answer)[ \t]{0,9}\.?[ \t]{0,9}\d{0,4}[ \t]{0,9}:[ \t]{0,9}(?:\*\*|__)?"
    r"|(?<=[?.])[ \t]{1,9}(?:A|Ans|Answer)[ \t]{0,9}\d{0,4}[ \t]{0,9}:[ \t]{1,9}",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})")
_DEFINITION = re.compile(r"^:[ \t]+\S")
_QUESTIONED = re.compile(r"\?[\"”’'»)\]*_]*(?:\s|$)")
_SENTENCE_BEHIND = re.compile(r"[\"”’»)\]*_]*\s+[^\W_]+\s+[^\W_]")
_QUESTION_WORDS = frozenset("what why how when where which who whom whose".split())
_TASKS = frozenset(
    """
    explain describe define differentiate distinguish list name compare contrast discuss state give derive write show
    prove calculate compute outline summarize summarise mention identify illustrate sketch draw enumerate elaborate
    justify evaluate assess suppose tell
    """.split()
)
_FIRST_WORD = re.compile(r"[^\W_]+")


def asks(text: str) -> bool:
    """Whether a text reads as a question or a task: `…?`, `How …`, `Explain …`."""
    return bool(_QUESTIONED.search(text)) or _first_word(text) in _QUESTION_WORDS or sets_task(text)


def sets_task(sentence: str) -> bool:
    """Whether a sentence sets a task by its first word: `Explain …`."""
    return _first_word(sentence) in _TASKS


def _first_word(text: str) -> str:
    first = _FIRST_WORD.search(text)
    return first.group().lower() if first else ""


def code_lines(lines: Sequence[str]) -> frozenset[int]:
    """The lines of fenced code, fences included."""
    found: set[int] = set()
    fence: str | None = None
    for place, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence is not None or mark:
            found.add(place)
        if fence is None and mark:
            fence = mark["mark"]
        elif fence is not None and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = None
    return frozenset(found)


def find_starts(lines: Sequence[str], code: frozenset[int]) -> list[Start]:
    """Every line that may begin a question, outside code, in order."""
    starts = []
    for place, line in enumerate(lines):
        if place not in code and line.strip():
            following = lines[place + 1] if place + 1 < len(lines) else ""
            start = _start(place, line, following)
            if start is not None:
                starts.append(start)
    return starts


def answer_mark(line: str, *, lettered: bool = False) -> int | None:
    """Where the answer begins in a line that opens with an answer's mark (`Ans1:`, `A:`), or None.

    `A.` and `A)`, which begin the items of lists too, are marks in a document that marks questions with letters.
    """
    mark = _ANSWER.match(line) or (_ANSWER_LETTER.match(line) if lettered else None)
    return mark.end() if mark else None


def answer_mark_inside(text: str) -> re.Match[str] | None:
    """An answer's mark behind a question on the same line: `**Q1: …?****Ans1:** …`, `Q: … A: …`."""
    return _ANSWER_INSIDE.search(text)


def answers_itself(text: str) -> bool:
    """Whether the line of a question holds an answer too: `Q: …? A: …`, or a sentence behind the question mark."""
    asked, mark, behind = text.rpartition("?")
    return bool(answer_mark_inside(text)) or (bool(asked and mark) and bool(_SENTENCE_BEHIND.match(behind)))


def _start(place: int, line: str, following: str) -> Start | None:
    dressed = _DRESS.match(line)
    if dressed is None:  # every line matches: each part may be absent
        return None
    rest = line[dressed.end() :]
    level = len((dressed["heading"] or "").strip())
    dress = Dress.HEADING if level else Dress.BOLD if dressed["bold"] else Dress.PLAIN
    found = _marked(rest, dress) or _unmarked(line, rest, dress, following)
    if found is None:
        return None
    style, number, text = found
    return Start(place, style, number, text, dress, level, len(dressed["indent"].expandtabs(4)))


def _marked(rest: str, dress: Dress) -> tuple[Style, int | None, str] | None:
    mark = _NAMED.match(rest)
    if mark and (mark["bare"] is None or asks(rest[mark.end() :])):  # `Q3 earnings rose` asks nothing
        return Style.NAMED, int(mark["number"]), rest[mark.end() :]
    mark = _NUMBERED.match(rest) or (_HEADING_NUMBER.match(rest) if dress is Dress.HEADING else None)
    if mark:
        return Style.NUMBERED, int(mark["number"]), rest[mark.end() :]
    if mark := _LETTER.match(rest):
        return Style.LETTER, None, rest[mark.end() :]
    return None


def _unmarked(line: str, rest: str, dress: Dress, following: str) -> tuple[Style, None, str] | None:
    if _DEFINITION.match(following) and not _DEFINITION.match(line):
        return Style.TERM, None, rest
    if not asks(rest):
        return None
    if dress is Dress.HEADING:
        return Style.HEADING, None, rest
    whole = rest.rstrip()
    if dress is Dress.BOLD and whole.endswith(("**", "__")):
        return Style.BOLD, None, rest
    if dress is Dress.PLAIN and whole.endswith("?") and whole[:1].isalnum():
        return Style.BARE, None, rest
    return None
