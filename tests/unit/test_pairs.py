"""Questions and answers in two columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.pairs import read_pairs
from grader.errors import DocumentError


def read(tmp_path: Path, text: str, name: str = "a.csv") -> list[tuple[int, str, str, int, int]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return [(one.number, one.question, one.answer, one.first, one.last) for one in read_pairs(path).found]


def test_two_columns_need_no_headings(tmp_path: Path) -> None:
    text = 'What is a gate?,"It scales, always."\nWhy?,It forgets.\n'
    assert read(tmp_path, text) == [
        (1, "What is a gate?", "It scales, always.", 1, 1),
        (2, "Why?", "It forgets.", 2, 2),
    ]


@pytest.mark.parametrize("head", ["question,answer", "Q,A", " Question , Reference", "\ufeffprompt,response"])
def test_headings_are_known(tmp_path: Path, head: str) -> None:
    assert read(tmp_path, f"{head}\r\nWhy?,It forgets.\r\n") == [(1, "Why?", "It forgets.", 2, 2)]


def test_headings_find_the_columns_among_others(tmp_path: Path) -> None:
    assert read(tmp_path, "id,answer,question\n7,It forgets.,Why?\n") == [(1, "Why?", "It forgets.", 2, 2)]


@pytest.mark.parametrize(("mark", "name"), [(";", "a.csv"), ("\t", "a.csv"), ("\t", "a.tsv")])
def test_other_delimiters_are_known(tmp_path: Path, mark: str, name: str) -> None:
    rows = read(tmp_path, f"Why?{mark}It forgets, at last.\nHow?{mark}So.\n", name)
    assert rows == [(1, "Why?", "It forgets, at last.", 1, 1), (2, "How?", "So.", 2, 2)]


def test_what_spreadsheets_mean_by_nothing_is_text(tmp_path: Path) -> None:
    assert [row[2] for row in read(tmp_path, "What is missing?,NA\nWhat is void?,null\n")] == ["NA", "null"]


def test_a_cell_of_several_lines_keeps_them_and_its_place(tmp_path: Path) -> None:
    assert read(tmp_path, 'Why?,"one\ntwo"\n\nHow?,three\n') == [
        (1, "Why?", "one\ntwo", 1, 2),
        (2, "How?", "three", 4, 4),
    ]


def test_a_row_without_an_answer_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Why?,because\nHow?,\n", encoding="utf-8")
    assert [(one.number, one.line) for one in read_pairs(path).unanswered] == [(2, 2)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b,c\n1,2,3\n", "3 columns, none headed question and answer"),
        ("one\ntwo\n", "1 column, none headed"),
        ("Why?,because\nHow?,so,too\n", "a.csv:2: 3 cells, where the first row has 2"),
        ('Why?,"because\nHow?,so\n', "a.csv:1: not CSV: unexpected end of data"),
        ('Why?,"be"cause\n', "a.csv:1: not CSV"),
        ("\n\n", "it is blank"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_table_of_pairs_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)
