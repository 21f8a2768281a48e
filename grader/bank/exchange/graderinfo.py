"""What Moodle shows to whoever grades an essay (`graderinfo`): references and rubric as HTML, and back.

References stand in blocks of their own, which the reader takes up again. The rubric is shown for people; for the reader
it stands in a comment of HTML, which Moodle keeps and does not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from bs4.element import Comment, Tag

from grader.bank.exchange.characters import carried, shown
from grader.bank.exchange.markup import parse_html, readable
from grader.bank.exchange.rubric import MARK, question_line, read_line
from grader.bank.question import Criterion, Question

_REFERENCE = "answer-grader-reference"  # the class of a reference's block


@dataclass(frozen=True, slots=True)
class GraderInfo:
    """The references of a `graderinfo`, and the fields of the question that its comment holds."""

    references: tuple[str, ...]
    fields: dict[str, Any]  # Any: JSON, which the bank's rules check


def write_graderinfo(question: Question) -> str:
    """References and rubric as HTML."""
    return "\n".join([*_references(question), *_rubric(question), f"<!-- {question_line(question)} -->"])


def read_graderinfo(html: str) -> GraderInfo:
    """What `write_graderinfo` wrote, also after edits; of other HTML, its whole text as one reference.

    Raises:
        ValueError: the comment is no JSON object, or the HTML is nested beyond all sense.
    """
    tree = parse_html(html)
    fields = marked_fields(tree)
    blocks = [_block_text(block) for block in tree.select(f"div.{_REFERENCE}")]
    texts = blocks if blocks or fields else [readable(tree)]
    return GraderInfo(tuple(text for text in texts if text.strip()), fields)


def marked_fields(tree: Tag) -> dict[str, Any]:
    """The fields in our comment; none if there is no such comment.

    Raises:
        ValueError: it is no JSON object.
    """
    for comment in tree.find_all(string=lambda text: isinstance(text, Comment)):
        mark, _, line = comment.strip().partition(" ")
        if mark == MARK:
            return read_line(line)
    return {}


def _references(question: Question) -> Iterator[str]:
    yield "<h4>Reference answers</h4>"
    for reference in question.references:
        text = escape(carried(reference), quote=False)
        yield f'<div class="{_REFERENCE}" style="white-space: pre-wrap; margin-bottom: 1em">{text}</div>'


def _rubric(question: Question) -> Iterator[str]:
    if question.criteria:
        yield "<h4>Criteria</h4>"
        if question.at_least:
            yield f"<p>Of the points to choose from, {question.at_least} are wanted.</p>"
        yield _list(f"{_shown(criterion.statement)} <em>({_weight(criterion)})</em>" for criterion in question.criteria)
    if question.misconceptions:
        yield "<h4>Misconceptions</h4>"
        yield _list(f"{_shown(one.statement)} <em>(at most {one.cap:.0%})</em>" for one in question.misconceptions)
    if question.notes:
        yield f"<h4>Notes</h4>\n<p>{_shown(question.notes)}</p>"


def _weight(criterion: Criterion) -> str:
    return f"weight {criterion.weight:g}{', to choose from' if criterion.elective else ''}"


def _list(items: Iterator[str]) -> str:
    return "\n".join(["<ul>", *(f"<li>{item}</li>" for item in items), "</ul>"])


def _shown(text: str) -> str:
    return escape(shown(text), quote=False)


def _block_text(block: Tag) -> str:
    """A block as it was written, to the character; one that an editor has put markup into is read as HTML."""
    return readable(block) if block.find_all() else block.get_text()
