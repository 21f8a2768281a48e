"""The banks at hand, and questions by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rapidfuzz import process

from grader.bank.parsed import load_parsed
from grader.bank.question import Bank, Question
from grader.errors import BankError, Fault, UnknownBank, UnknownQuestion
from grader.rooms import rubrics_folder

_NEAREST = 3


class Library:
    """Banks by id and their questions by id.

    Raises:
        BankError: two banks, or two questions of different banks, have one id.
    """

    def __init__(self, banks: Iterable[Bank]) -> None:
        self._banks: dict[str, Bank] = {}
        self._questions: dict[str, tuple[Bank, Question]] = {}
        for bank in banks:
            if bank.bank in self._banks:
                raise BankError([Fault(bank.bank, None, "bank", "another bank has this id")])
            self._banks[bank.bank] = bank
            for place, question in enumerate(bank.questions):
                if question.id in self._questions:
                    other = self._questions[question.id][0].bank
                    raise BankError([Fault(bank.bank, None, f"questions[{place}].id", f"stands in bank {other} too")])
                self._questions[question.id] = (bank, question)

    @property
    def banks(self) -> tuple[Bank, ...]:
        """Every bank, in the order given."""
        return tuple(self._banks.values())

    def bank(self, bank_id: str) -> Bank:
        """The bank of this id.

        Raises:
            UnknownBank: there is none; carries the nearest ids.
        """
        if bank_id not in self._banks:
            raise UnknownBank(bank_id, _nearest(bank_id, self._banks))
        return self._banks[bank_id]

    def question(self, question_id: str) -> tuple[Bank, Question]:
        """The question of this id, and its bank.

        Raises:
            UnknownQuestion: there is none; carries the three nearest ids.
        """
        if question_id not in self._questions:
            raise UnknownQuestion(question_id, _nearest(question_id, self._questions))
        return self._questions[question_id]


def bank_files(extra: Iterable[Path] = ()) -> Iterator[Path]:
    """The bank files that come with the project, then those of further files or folders, each folder by name."""
    for place in (rubrics_folder(), *extra):
        if place.is_dir():
            yield from sorted(place.glob("*.yaml"))
        else:
            yield place


def load_library(extra: Iterable[Path] = (), cache_dir: Path | None = None) -> Library:
    """Read every bank at hand; with `cache_dir`, parsed forms are kept there between runs.

    Raises:
        BankError: a document has faults; with all of them, of all documents.
    """
    banks: list[Bank] = []
    faults: list[Fault] = []
    for path in bank_files(extra):
        try:
            banks.append(load_parsed(path, cache_dir / "banks" if cache_dir else None))
        except BankError as error:
            faults.extend(error.faults)
    if faults:
        raise BankError(faults)
    return Library(banks)


def _nearest(wanted: str, known: Iterable[str]) -> list[str]:
    return [name for name, _, _ in process.extract(wanted, list(known), limit=_NEAREST)]
