"""The documents' own answers to the banks' questions, read from beside the checkout; nothing of them is kept here."""

from __future__ import annotations

from pathlib import Path

from grader.bank.documents import open_document
from grader.bank.extraction.extract import extract

DOCUMENTS = {
    "top50": "000_3ca26d280c9f931c.txt",
    "guide75": "001_2a7bc1c024dc7fb6.txt",
    "basics50": "002_e04bb74332d106e6.txt",
    "ds25": "003_4c4b6c3275ac18b8.txt",
}


def document_answers(shared: Path, bank: str) -> dict[str, str]:
    """Question id to the document's answer, for every question of a bank."""
    found = extract(open_document(shared / "seeds" / DOCUMENTS[bank]).lines).found
    return {f"{bank}-{one.number}": one.answer for one in found}
