"""Parsed banks on disk: the same bank, and never an old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.loader import load_bank
from grader.bank.parsed import load_parsed
from grader.errors import BankError

TEXT = "bank: small\ntitle: A small bank\nquestions:\n  - {id: small-1, question: Why?, references: [Because.]}\n"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "parsed"


def test_a_bank_is_the_same_from_its_document_and_from_its_parsed_form(bank: Path, folder: Path) -> None:
    first, second = load_parsed(bank, folder), load_parsed(bank, folder)
    assert first == second == load_bank(bank) == load_parsed(bank, None)
    assert first.content_hash == second.content_hash
    assert len(list(folder.iterdir())) == 1


def test_a_changed_document_is_parsed_anew(bank: Path, folder: Path) -> None:
    load_parsed(bank, folder)
    bank.write_text(TEXT.replace("A small", "Another"), encoding="utf-8")
    assert load_parsed(bank, folder).title == "Another bank"


@pytest.mark.parametrize("content", ["", "{", '{"bank": "other"}', "null"])
def test_an_entry_that_is_no_bank_is_made_again(bank: Path, folder: Path, content: str) -> None:
    expected = load_parsed(bank, folder)
    (entry,) = folder.iterdir()
    entry.write_text(content, encoding="utf-8")
    assert load_parsed(bank, folder) == expected
    assert entry.read_text(encoding="utf-8") != content


def test_a_folder_that_cannot_be_written_costs_only_time(bank: Path, folder: Path) -> None:
    folder.write_text("a file stands here", encoding="utf-8")
    assert load_parsed(bank, folder) == load_bank(bank)


def test_a_document_with_faults_is_not_kept(bank: Path, folder: Path) -> None:
    bank.write_text(TEXT.replace("title", "titel"), encoding="utf-8")
    with pytest.raises(BankError):
        load_parsed(bank, folder)
    assert not folder.exists()
