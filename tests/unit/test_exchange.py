"""Which file is of which format, and JSON that is no bank."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import DROPOUT_BANK

from grader.bank.exchange.exchanged import as_id
from grader.bank.exchange.formats import EXCHANGES, Format, format_of, read_exchange
from grader.bank.loader import parse_bank
from grader.errors import BankError


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.xml", "", Format.MOODLE_XML),
        ("a.XML", "", Format.MOODLE_XML),
        ("a.gift", "", Format.GIFT),
        ("a.json", "", Format.JSON),
        ("a.csv", "id, question,references,topic\n", Format.CSV),
        ("a.csv", "question,answer\n", None),
        ("a.txt", "\n::A::B{}", Format.GIFT),
        ("a.txt", "// c\nB{}", Format.GIFT),
        ("a.txt", "$CATEGORY: x", Format.GIFT),
        ("a.txt", "1. What is a cell?", None),
        ("a.pdf", "", None),
        ("a", "", None),
    ],
)
def test_a_file_is_known_by_its_name_and_beginning(
    tmp_path: Path, name: str, text: str, expected: Format | None
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    if text or expected:
        assert format_of(path) is expected


def test_a_file_of_no_known_format_is_refused_unless_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "bank.dat"
    path.write_text(EXCHANGES[Format.GIFT].write(DROPOUT_BANK), encoding="utf-8")
    with pytest.raises(BankError, match="of no format known here: moodle-xml, gift, csv, json"):
        read_exchange(path)
    assert len(read_exchange(path, Format.GIFT).bank.questions) == 2


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("a.xml", "a.gift", "a.csv", "a.json", "a.txt"):
        with pytest.raises(BankError, match="No such file"):
            read_exchange(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", ":1: is no JSON: Expecting property name enclosed in double quotes (column 2)"),
        ("[]", ": must be a mapping of fields"),
        ("NaN", ": must be a mapping of fields"),
        ('{"a": 1, "a": 2}', ": the key 'a' stands twice in one object"),
        ("[" * 100_000, ": is nested too deeply"),
        (
            '{"bank": "b", "title": "t", "questions": [{"id": "q", "question": "?", "references": []}]}',
            ": questions[0].references: must have at least 1",
        ),
    ],
)
def test_json_that_is_no_bank_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bank.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BankError) as refused:
        read_exchange(path)
    assert str(refused.value) == f"{path}{told}"


def test_json_is_read_by_the_loader_of_banks() -> None:
    assert parse_bank(EXCHANGES[Format.JSON].write(DROPOUT_BANK), source="bank.json") == DROPOUT_BANK


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ds25-1", "ds25-1"),
        ("a_b.c", "a_b.c"),
        ("T & F", "t-f"),
        ("Zürich", "zurich"),
        ("--", ""),
        ("a" * 99, "a" * 60),
    ],
)
def test_a_name_becomes_the_nearest_id(name: str, expected: str) -> None:
    assert as_id(name) == expected
