"""Questions as CSV, one a row, for spreadsheets.

Columns: id, question, references, max_points, topic, difficulty. Several references stand in one cell, divided by a
line of three dashes. A cell that a spreadsheet would take for a formula, because it begins with `= + - @`, a tab or a
carriage return, gets an apostrophe in front; so does one that has apostrophes and then such a sign, so that exactly
one is taken away again on reading.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from grader.bank.exchange.characters import carried, check_carried
from grader.bank.exchange.exchanged import Contents, Exchanged, Item, make_exchanged
from grader.bank.exchange.files import read_text
from grader.bank.exchange.references import join_references, split_references
from grader.bank.question import Bank, Question
from grader.errors import BankError, Fault

COLUMNS = ("id", "question", "references", "max_points", "topic", "difficulty")
_REQUIRED = frozenset(COLUMNS[:3])
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALIZED = re.compile(r"'+[=+\-@\t\r]")


def write_csv(bank: Bank) -> str:
    """The questions as CSV (RFC 4180), with a header.

    Raises:
        BankError: a question or reference holds a control character, which spreadsheets do not keep.
    """
    check_carried(bank)
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([neutral(cell) for cell in _cells(question)] for question in bank.questions)
    return written.getvalue()


def read_csv(path: Path) -> Exchanged:
    """Read questions from CSV with at least the columns id, question and references.

    Raises:
        BankError: it is no such table, or a row is not as wide as the header, or a cell is not what it should be; with
            the line.
    """
    return make_exchanged(Contents(list(_items(read_text(path), str(path)))), path)


def is_bank_table(text: str) -> bool:
    """Whether a text begins with a header of ours."""
    header = next(csv.reader(io.StringIO(text[:10_000], newline="")), [])
    return {name.strip() for name in header} >= _REQUIRED


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """What a cell was before `neutral`."""
    return cell[1:] if _NEUTRALIZED.match(cell) else cell


def _cells(question: Question) -> Iterator[str]:
    yield question.id
    yield carried(question.question)
    yield join_references(question.references)
    yield repr(question.max_points).removesuffix(".0")
    yield carried(question.topic or "")
    yield str(question.difficulty or "")


def _items(text: str, source: str) -> Iterator[Item]:
    rows = _rows(text, source)
    _, header = next(rows)
    names = [name.strip() for name in header]
    _check_header(names, source)
    seen = set[str]()
    for line, cells in rows:
        if len(cells) != len(names):
            raise BankError([Fault(source, line, "", f"has {len(cells)} cells, and the header has {len(names)}")])
        row = {name: restored(cell) for name, cell in zip(names, cells, strict=True)}
        name = row["id"].strip()
        if name in seen:
            raise BankError([Fault(source, line, "id", f"{name!r} stands in a row above")])
        seen |= {name} if name else set()
        yield Item(line, name, _fields(row, line, source))


def _rows(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that have cells, each with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begin = 1
    try:
        for cells in reader:
            if any(cells):
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise BankError([Fault(source, begin, "", f"is no CSV: {error}")]) from error


def _check_header(names: list[str], source: str) -> None:
    missing = [name for name in COLUMNS if name in _REQUIRED - set(names)]
    unknown = [name for name in names if name not in COLUMNS]
    if missing:
        raise BankError([Fault(source, 1, "", f"the header has no column {', '.join(missing)}")])
    if unknown:
        known = ", ".join(COLUMNS)
        raise BankError([Fault(source, 1, "", f"the header has {', '.join(map(repr, unknown))}; known are {known}")])
    if len(set(names)) < len(names):
        raise BankError([Fault(source, 1, "", "the header has a column twice")])


def _fields(row: dict[str, str], line: int, source: str) -> dict[str, object]:
    fields: dict[str, object] = {"question": row["question"], "references": split_references(row["references"])}
    if row.get("topic", "").strip():
        fields["topic"] = row["topic"]
    for name, kind in (("max_points", float), ("difficulty", int)):
        if cell := row.get(name, "").strip():
            try:
                fields[name] = kind(cell)
            except ValueError as error:
                raise BankError([Fault(source, line, name, f"{cell!r} is no number")]) from error
    return fields
