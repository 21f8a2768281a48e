"""The built-in banks in the formats of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from moodle import import_gift, import_xml

from grader.bank.exchange.formats import EXCHANGES, SUFFIXES, Format, read_exchange
from grader.bank.library import Library
from grader.bank.loader import parse_bank
from grader.bank.question import Question

BANKS = ("basics50", "ds25", "guide75", "top50")


def kept(question: Question) -> tuple[object, ...]:
    return question.id, question.question, question.references, question.max_points, question.topic, question.difficulty


@pytest.mark.parametrize("name", BANKS)
def test_moodle_imports_every_question(library: Library, name: str) -> None:
    bank = library.bank(name)
    expected = [(one.id, one.question) for one in bank.questions]
    for chosen, imported in ((Format.MOODLE_XML, import_xml), (Format.GIFT, import_gift)):
        assert [(one.idnumber, one.text) for one in imported(EXCHANGES[chosen].write(bank))] == expected


@pytest.mark.parametrize(("suffix", "chosen"), SUFFIXES.items())
@pytest.mark.parametrize("name", BANKS)
def test_a_bank_comes_back(library: Library, tmp_path: Path, name: str, suffix: str, chosen: Format) -> None:
    bank, path = library.bank(name), tmp_path / f"{name}{suffix}"
    path.write_text(EXCHANGES[chosen].write(bank), encoding="utf-8", newline="")
    again = read_exchange(path)
    assert again.skipped == ()
    assert again.bank.bank == name
    assert list(map(kept, again.bank.questions)) == list(map(kept, bank.questions))
    assert (again.bank == bank) is EXCHANGES[chosen].keeps_rubric


def test_the_loader_of_banks_reads_the_json(library: Library) -> None:
    bank = library.bank("ds25")
    assert parse_bank(EXCHANGES[Format.JSON].write(bank), source="ds25.json") == bank
