"""Banks and questions by id."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.library import Library, bank_files, load_library
from grader.bank.question import Bank, Question
from grader.errors import BankError, GraderError, UnknownBank, UnknownQuestion
from grader.rooms import rubrics_folder


def bank(name: str, *question_ids: str) -> Bank:
    questions = tuple(Question(id=q, question="What is it?", references=("A gate.",)) for q in question_ids)
    return Bank(bank=name, title=name, questions=questions)


LIBRARY = Library([bank("gates", "gate-1", "gate-2"), bank("cells", "cell-1")])


def test_banks_stand_in_the_order_given() -> None:
    assert [known.bank for known in LIBRARY.banks] == ["gates", "cells"]


def test_a_bank_is_found_by_its_id() -> None:
    assert LIBRARY.bank("cells").title == "cells"


def test_a_question_is_found_with_its_bank() -> None:
    found, question = LIBRARY.question("gate-2")
    assert (found.bank, question.id) == ("gates", "gate-2")


def test_an_unknown_bank_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownBank) as refused:
        LIBRARY.bank("gate")
    assert (refused.value.wanted, refused.value.nearest[0]) == ("gate", "gates")
    assert str(refused.value) == "unknown bank 'gate'; nearest: gates, cells"


def test_an_unknown_question_is_refused_with_the_three_nearest() -> None:
    library = Library([bank("gates", *(f"gate-{i}" for i in range(9)))])
    with pytest.raises(UnknownQuestion) as refused:
        library.question("gate-3x")
    assert len(refused.value.nearest) == 3
    assert refused.value.nearest[0] == "gate-3"


def test_an_empty_library_knows_nothing_and_offers_nothing() -> None:
    with pytest.raises(UnknownQuestion, match=r"^unknown question 'gate-1'$"):
        Library([]).question("gate-1")


def test_two_banks_of_one_id_are_refused() -> None:
    with pytest.raises(BankError, match="gates: bank: another bank has this id"):
        Library([bank("gates", "a"), bank("gates", "b")])


def test_a_question_in_two_banks_is_refused() -> None:
    with pytest.raises(BankError, match=r"cells: questions\[1\].id: stands in bank gates too"):
        Library([bank("gates", "a"), bank("cells", "b", "a")])


def test_files_of_a_folder_come_by_name_after_those_of_the_project(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "notes.txt", "schema.json"):
        (tmp_path / name).touch()
    single = tmp_path / "notes.txt"
    own = sorted(rubrics_folder().glob("*.yaml"))
    assert own
    assert list(bank_files([tmp_path, single])) == [*own, tmp_path / "a.yaml", tmp_path / "b.yaml", single]


def test_the_faults_of_all_documents_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("bank: [\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("", encoding="utf-8")
    with pytest.raises(BankError) as refused:
        load_library([tmp_path, tmp_path / "none.yaml"])
    sources = {Path(fault.source).name for fault in refused.value.faults}
    assert sources >= {"a.yaml", "b.yaml", "none.yaml"}


def test_every_refusal_is_an_error_of_this_package() -> None:
    assert all(issubclass(error, GraderError) for error in (BankError, UnknownBank, UnknownQuestion))
