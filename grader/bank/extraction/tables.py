"""Questions and answers in the rows of a table, and the headings of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.bank.extraction.blocks import Block, Kind, read_blocks
from grader.bank.extraction.found import Found, Unanswered
from grader.bank.extraction.inline import table_rows
from grader.bank.extraction.marks import asks

_QUESTION = frozenset({"question", "questions", "q", "prompt"})
_ANSWER = frozenset({"answer", "answers", "a", "reference", "reference answer", "response", "model answer"})
_RULE = re.compile(r"[\s|:+-]*")  # of dashes, between the headings and the rows

Row = tuple[int, tuple[str, ...]]
"""The line of a row, counted from 1, and its cells."""


def question_columns(headings: Sequence[str]) -> tuple[int, int] | None:
    """Which columns hold the questions and the answers by their headings; None if they do not say."""
    names = [cell.strip().lower() for cell in headings]
    asked = next((place for place, name in enumerate(names) if name in _QUESTION), None)
    answered = next((place for place, name in enumerate(names) if name in _ANSWER), None)
    return None if asked is None or answered is None else (asked, answered)


def read_tables(lines: Sequence[str], code: frozenset[int]) -> tuple[tuple[Found, ...], tuple[Unanswered, ...]]:
    """The questions of all tables that have some, numbered from 1, and those that nothing answers."""
    found: list[Found] = []
    unanswered: list[Unanswered] = []
    pairs = (pair for block in read_blocks(lines, 0, code) if block.kind is Kind.TABLE for pair in _pairs(block))
    for number, (line, question, answer) in enumerate(pairs, start=1):
        if any(sign.isalnum() for sign in answer):
            found.append(Found(number, question, answer, line, line))
        else:
            unanswered.append(Unanswered(number, question, line))
    return tuple(found), tuple(unanswered)


def _pairs(block: Block) -> Iterator[tuple[int, str, str]]:
    rows = _rows(block)
    columns = question_columns(rows[0][1]) if rows else None
    if columns is not None:
        rows = rows[1:]
    elif len(rows) > 1 and all(len(cells) == 2 and asks(cells[0]) for _, cells in rows[1:]):
        columns, rows = (0, 1), rows if asks(rows[0][1][0]) else rows[1:]
    if columns is None:
        return
    for line, cells in rows:
        asked, answered = (cells[column] if column < len(cells) else "" for column in columns)
        if any(sign.isalnum() for sign in asked):
            yield line, " ".join(asked.split()), answered.strip()


def _rows(block: Block) -> list[Row]:
    told = [
        block.first + place + 1
        for place, line in enumerate(block.lines)
        if not _RULE.fullmatch(line) and re.search(r"\w", line)
    ]
    rows = table_rows(block.lines)
    places = told if len(told) == len(rows) else [block.first + 1] * len(rows)
    return list(zip(places, rows, strict=True))
