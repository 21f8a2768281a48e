"""Questions and answers in a table of two columns, as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from grader.bank.documents import decode, read_bytes
from grader.bank.extraction.found import Extraction, Found, Unanswered
from grader.bank.extraction.tables import question_columns
from grader.errors import DocumentError

Row = tuple[int, int, list[str]]


def read_pairs(path: Path) -> Extraction:
    """The questions and answers of a CSV file, or of a TSV file; a row each, numbered from 1.

    The columns are found by their headings (`question` and `answer`, among others), or are the two that there are.

    Raises:
        DocumentError: it cannot be read, is not strict CSV, or has no two such columns; with the line.
    """
    rows = _rows(decode(read_bytes(path), path), path)
    if not rows:
        raise DocumentError(f"{path}: there is no text in it: it is blank")
    asked, answered, headed = _columns(rows[0][2], path)
    found: list[Found] = []
    unanswered: list[Unanswered] = []
    width = len(rows[0][2])
    for number, (first, last, cells) in enumerate(rows[headed:], start=1):
        if len(cells) != width:
            raise DocumentError(f"{path}:{first}: {len(cells)} cells, where the first row has {width}")
        question, answer = " ".join(cells[asked].split()), cells[answered].strip()
        if any(sign.isalnum() for sign in answer) and question:
            found.append(Found(number, question, answer, first, last))
        else:
            unanswered.append(Unanswered(number, question, first))
    return Extraction(tuple(found), tuple(unanswered))


def _rows(text: str, path: Path) -> list[Row]:
    """The rows that are not blank, by the first delimiter that gives two columns, or headings that are known."""
    if path.suffix.lower() == ".tsv":
        return _read(text, "\t", path)
    rows = _read(text, ",", path)
    if rows and not _suits(rows):
        for delimiter in ";\t":
            try:
                others = _read(text, delimiter, path)
            except DocumentError:  # a file that is no CSV by this delimiter may be one by the comma
                continue
            if _suits(others):
                return others
    return rows


def _suits(rows: Sequence[Row]) -> bool:
    return question_columns(rows[0][2]) is not None or all(len(cells) == 2 for _, _, cells in rows)


def _read(text: str, delimiter: str, path: Path) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    first = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((first, reader.line_num, cells))
            first = reader.line_num + 1
    except csv.Error as error:
        raise DocumentError(f"{path}:{first}: not CSV: {error}") from error
    return rows


def _columns(row: Sequence[str], path: Path) -> tuple[int, int, bool]:
    """Which columns hold the questions and the answers, and whether the first row is their headings."""
    headings = question_columns(row)
    if headings is not None:
        return *headings, True
    if len(row) == 2:
        return 0, 1, False
    columns = f"{len(row)} column{'s' * (len(row) != 1)}"
    raise DocumentError(f"{path}: {columns}, none headed question and answer; two are wanted")
