r"""Questions from GIFT: essays whose general feedback is the reference, short answers with their right answers.

The rules are those of Moodle's importer. Blank lines divide questions; lines that begin with `//` are comments; a
question is `::name::[format]text{answers####general feedback}rest`. A backslash takes the meaning from `\ # = ~ { } :`,
and `\n` is a line feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.bank.exchange.categories import category_name
from grader.bank.exchange.exchanged import Contents, Exchanged, Item, Skipped, make_exchanged
from grader.bank.exchange.files import read_text
from grader.bank.exchange.markup import readable_text
from grader.bank.exchange.references import split_references
from grader.bank.exchange.rubric import MARK, read_line
from grader.errors import BankError, Fault

_ESCAPE = re.compile(r"\\([\\#=~{}:n])")
_PLAIN = r"(?:\\(?:.|\Z)|[^\\{}])"  # a sign of the text: one after a backslash, or one that is not special
_QUESTION = re.compile(
    rf"(?:::(?P<name>(?:\\.|(?!::)[^\\])*)::)?(?P<text>{_PLAIN}*)(?:\{{(?P<answers>{_PLAIN}*)\}}(?P<rest>.*))?",
    re.DOTALL,
)
_FEEDBACK = re.compile(r"(?P<answers>(?:\\.|[^\\])*)####(?P<feedback>.*)", re.DOTALL)
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]*)?)%")
_ID = re.compile(r"\[id:((?:\\\]|[^\]])+)\]")
_TAG = re.compile(r"\[tag:((?:\\\]|[^\]<>])+)\]")
_BLANK = "_____"  # what stands for the answer in the middle of a sentence
_RIGHT = 100.0  # per cent of the points, from which a short answer is a right one


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one question, joined, and its comments; `line` is where the question begins."""

    line: int
    text: str
    comments: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Any]:  # Any: JSON, which the bank's rules check
        """The fields that a comment of ours holds."""
        parts = (comment.lstrip("/ ").partition(" ") for comment in self.comments)
        return next((read_line(line) for mark, _, line in parts if mark == MARK), {})


@dataclass(slots=True)
class _Found:
    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    category: str | None = None


def read_gift(path: Path) -> Exchanged:
    """Read a GIFT file; questions that are not answered in free text are skipped.

    Raises:
        BankError: it is no text, a question has one brace without the other, or none can be graded; with the line.
    """
    found = _Found()
    for block in _blocks(read_text(path)):
        try:
            _take(block, found)
        except ValueError as error:
            raise BankError([Fault(str(path), block.line, "", str(error))]) from error
    return make_exchanged(Contents(found.items, found.skipped, found.facts), path)


def _blocks(text: str) -> Iterator[_Block]:
    lines: list[str] = []
    comments: list[str] = []
    begin = 0
    for number, raw in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], start=1):
        line = raw.strip()
        if line.startswith("//"):
            comments.append(line)
        elif line:
            begin = begin or number
            lines.append(line)
        else:
            if lines:
                yield _Block(begin, "\n".join(lines), tuple(comments))
            lines, comments, begin = [], [], 0


def _take(block: _Block, found: _Found) -> None:
    if block.text.startswith("$CATEGORY:"):
        _enter(block, found)
        return
    parts = _QUESTION.fullmatch(block.text)
    if parts is None:
        raise ValueError("has a brace without its other half; a brace that is meant as a sign is written \\{ or \\}")
    text_format, text = _formatted(_asked(parts), "moodle")
    answers, feedback = _divided(parts["answers"] or "")
    kind = "description" if parts["answers"] is None else _kind(answers)
    references = _references(kind, answers, feedback, text_format)
    if references is None:
        found.skipped.append(Skipped(kind, block.line, "is not answered in free text"))
    elif not references:
        lacking = "general feedback" if kind == "essay" else "answer worth all points"
        found.skipped.append(Skipped(kind, block.line, f"has no {lacking}, so there is no reference"))
    elif not text:
        found.skipped.append(Skipped(kind, block.line, "has no text"))
    else:
        found.items.append(_item(block, text, references, found.category))


def _enter(block: _Block, found: _Found) -> None:
    name = category_name(block.text.removeprefix("$CATEGORY:").strip())
    if found.facts or found.items:
        found.category = name
    else:
        found.facts = ({"title": name} if name else {}) | block.fields


def _item(block: _Block, text: str, references: list[str], category: str | None) -> Item:
    comments = "\n".join(block.comments)
    given, tag = _ID.search(comments), _TAG.search(comments)
    topic = _unbracketed(tag) if tag else category
    fields = {"max_points": 1.0} | ({"topic": topic} if topic else {}) | block.fields
    return Item(block.line, _unbracketed(given) if given else "", fields | {"question": text, "references": references})


def _asked(parts: re.Match[str]) -> str:
    """The question's text; a blank stands where it goes on after the answers."""
    rest = (parts["rest"] or "").strip()
    return f"{parts['text']}{_BLANK}{parts['rest']}" if rest else parts["text"]


def _divided(answers: str) -> tuple[str, str]:
    """What stands in the braces: the answers, and the general feedback behind the last `####`."""
    found = _FEEDBACK.fullmatch(answers)
    return (found["answers"].strip(), found["feedback"]) if found else (answers.strip(), "")


def _kind(answers: str) -> str:
    """The type of question that its answers make, in the order in which Moodle's importer decides."""
    bare = _ESCAPE.sub("", answers)
    if not answers:
        return "essay"
    if bare.startswith("#"):
        return "numerical"
    if "~" in bare:
        return "multichoice"
    if "=" in bare and "->" in bare:
        return "matching"
    if bare.partition("#")[0].strip() in ("T", "TRUE", "F", "FALSE"):
        return "truefalse"
    return "shortanswer"


def _references(kind: str, answers: str, feedback: str, text_format: str) -> list[str] | None:
    """The references of an essay or a short answer; None for any other question."""
    if kind == "essay":
        return split_references(_formatted(feedback, text_format)[1])
    if kind == "shortanswer":
        return [answer for answer in _right_answers(answers, text_format) if answer]
    return None


def _right_answers(answers: str, text_format: str) -> Iterator[str]:
    for answer in _split(answers, "="):
        weight = _WEIGHT.match(answer.strip())
        if answer.strip() and (weight is None or float(weight[1]) >= _RIGHT):
            said = answer.strip()[weight.end() if weight else 0 :]
            yield _formatted(_split(said, "#")[0], text_format)[1]


def _split(text: str, sign: str) -> list[str]:
    """The text divided at a sign, where it is not escaped."""
    return re.findall(rf"(?:^|{sign})((?:\\.|[^\\{sign}])*)", text, re.DOTALL)


def _formatted(text: str, otherwise: str) -> tuple[str, str]:
    """The format that a text names, or else the one given, and the text as it is read."""
    found = _FORMAT.match(text.strip())
    named = found[1] if found else otherwise
    return named, readable_text(_unescaped(text.strip()[found.end() if found else 0 :]), named)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def _unbracketed(found: re.Match[str]) -> str:
    return found[1].replace("\\]", "]").strip()
