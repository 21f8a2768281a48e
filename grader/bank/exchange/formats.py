"""The formats by name: which file is which, and who reads and writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grader.bank.exchange.exchanged import Exchanged
from grader.bank.exchange.gift_reader import read_gift
from grader.bank.exchange.gift_writer import write_gift
from grader.bank.exchange.json_document import read_json, write_json
from grader.bank.exchange.moodle_xml_reader import read_moodle_xml
from grader.bank.exchange.moodle_xml_writer import write_moodle_xml
from grader.bank.exchange.table import is_bank_table, read_csv, write_csv
from grader.bank.question import Bank
from grader.errors import BankError, Fault


class Format(StrEnum):
    """A format that banks are exchanged in."""

    MOODLE_XML = "moodle-xml"
    GIFT = "gift"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Exchange:
    """How a format is read and written; `keeps_rubric` is false if only questions, references and points are kept."""

    read: Callable[[Path], Exchanged]
    write: Callable[[Bank], str]
    keeps_rubric: bool


EXCHANGES = {
    Format.MOODLE_XML: Exchange(read_moodle_xml, write_moodle_xml, keeps_rubric=True),
    Format.GIFT: Exchange(read_gift, write_gift, keeps_rubric=False),
    Format.CSV: Exchange(read_csv, write_csv, keeps_rubric=False),
    Format.JSON: Exchange(read_json, write_json, keeps_rubric=True),
}

SUFFIXES = {".xml": Format.MOODLE_XML, ".gift": Format.GIFT, ".csv": Format.CSV, ".json": Format.JSON}
_BEGINNING = 4096  # bytes that tell a format
_GIFT_BEGINS = ("//", "::", "$CATEGORY:")


def format_of(path: Path) -> Format | None:
    """The format of a file, by its name and, where that is not enough, its beginning; None if it is none of ours.

    A `.csv` is ours with the header that we write; a `.txt` is GIFT if it begins as GIFT does.

    Raises:
        BankError: a `.csv` or `.txt` that cannot be opened.
    """
    suffix = path.suffix.lower()
    if suffix == ".txt":
        return Format.GIFT if _beginning(path).lstrip().startswith(_GIFT_BEGINS) else None
    if suffix == ".csv":
        return Format.CSV if is_bank_table(_beginning(path)) else None
    return SUFFIXES.get(suffix)


def _beginning(path: Path) -> str:
    """What a file begins with; what is no UTF-8 in it, and so not written by us, is replaced."""
    try:
        with path.open("rb") as file:
            return file.read(_BEGINNING).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise BankError([Fault(str(path), None, "", error.strerror or str(error))]) from error


def read_exchange(path: Path, given: Format | None = None) -> Exchanged:
    """Read a file of a format that is given, or that its name and beginning tell.

    Raises:
        BankError: it is of no format known here, or is not what its format wants.
    """
    chosen = given or format_of(path)
    if chosen is None:
        known = ", ".join(Format)
        raise BankError([Fault(str(path), None, "", f"is of no format known here: {known}")])
    return EXCHANGES[chosen].read(path)
