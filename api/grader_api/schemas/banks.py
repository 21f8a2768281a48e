"""What clients get of banks, beside the bank itself (grader.bank.question)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from grader.bank.question import Bank
from grader_api.schemas.parts import Out


class BankSummary(Out):
    """A bank without its questions."""

    bank: str
    title: str
    language: str
    version: str = Field(description="The bank's content hash; grades name it in their receipt.")
    number: int = Field(description="Counts the versions; 0 is a bank that comes with the service.")
    builtin: bool
    questions: int
    criteria: int
    exemplars: int


class BankOut(BankSummary):
    """A bank; `document` holds references and rubrics, and is null where the key may not see them."""

    document: Bank | None


class BankList(Out):
    """Every bank at hand."""

    items: tuple[BankSummary, ...]


class BankVersionOut(Out):
    """One version of a bank; `version` is null where the bank was deleted."""

    number: int
    version: str | None
    created_at: datetime


class BankVersionList(Out):
    """Every version of a bank, newest first."""

    items: tuple[BankVersionOut, ...]
