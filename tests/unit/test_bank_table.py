"""Questions as CSV: what is written for spreadsheets, and what is told of a table that is none of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import DROPOUT_BANK

from grader.bank.exchange.table import read_csv, write_csv
from grader.bank.question import Bank, Question
from grader.errors import BankError

HEADER = "id,question,references"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cells.csv"


def test_a_bank_is_one_row_a_question() -> None:
    assert write_csv(DROPOUT_BANK).split("\r\n") == [
        "id,question,references,max_points,topic,difficulty",
        "tiny-1,What is dropout?,Dropout deactivates random neurons during training. It reduces overfitting.,10,,",
        'tiny-2,Name two planets.,"Mars, Venus and Saturn are planets.",10,,',
        "",
    ]


def test_no_cell_is_a_formula(file: Path) -> None:
    formulas = ("=1+2", "+1", "-1", "@SUM(A1)", "'=1", "''-1", "'tis fine")
    bank = Bank(bank="cells", title="cells", questions=(Question(id="q", question="=A1", references=formulas),))
    file.write_text(write_csv(bank), encoding="utf-8", newline="")
    assert "q,'=A1,\"'=1+2" in file.read_text(encoding="utf-8")
    assert read_csv(file).bank == bank


def test_a_table_of_the_least_columns_is_read(file: Path) -> None:
    file.write_text(f'\ufeff{HEADER}\n\n,Why?,"one\n---\ntwo"\n7,What?,three\n', encoding="utf-8")
    bank = read_csv(file).bank
    assert (bank.bank, bank.title) == ("cells", "cells")
    assert [(one.id, one.references) for one in bank.questions] == [("cells-1", ("one", "two")), ("7", ("three",))]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ": the file is empty"),
        (f"{HEADER}\n", ": holds no question that can be graded"),
        ("id,answer\nx,y\n", ":1: the header has no column question, references"),
        (f"{HEADER},foo\nx,a,b,c\n", ":1: the header has 'foo'; known are id, question, references, max_points"),
        (f"{HEADER},id\nx,a,b,c\n", ":1: the header has a column twice"),
        (f"{HEADER}\nx,a\n", ":2: has 2 cells, and the header has 3"),
        (f'{HEADER}\n"x\ny",a,b\nz,a,b,c\n', ":4: has 4 cells, and the header has 3"),
        (f'{HEADER}\nx,"a,b\n', ":2: is no CSV: unexpected end of data"),
        (f"{HEADER}\nx,a,b\nx,c,d\n", ":3: id: 'x' stands in a row above"),
        (f"{HEADER},max_points\nx,a,b,ten\n", ":2: max_points: 'ten' is no number"),
        (f"{HEADER},max_points\nx,a,b,0\n", ":2: questions[0].max_points: must be > 0"),
        (f"{HEADER},difficulty\nx,a,b,hard\n", ":2: difficulty: 'hard' is no number"),
        (f"{HEADER}\nx,a,\n", ":2: questions[0].references: must have at least 1"),
        (f"{HEADER}\nx,a,b\0\n", ": is binary, and no text"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_line(file: Path, text: str, told: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BankError) as refused:
        read_csv(file)
    assert str(refused.value).startswith(f"{file}{told}")
    assert "\n" not in str(refused.value)
