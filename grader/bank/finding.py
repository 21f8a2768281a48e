"""What a lint has to say: something to mend, where it stands and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.bank.loader import Lines, line_at
from grader.bank.question import Bank, dotted

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend in a bank.

    Attributes:
        bank: the bank's id.
        place: the path inside the bank: `("questions", 17, "criteria", 2, "weight")`.
        reason: what is wrong.
        mend: how to put it right.
        question: the id of the question it is in; None for the bank as a whole.
        source: the document; None for a bank built in memory.
        line: counted from 1; None where there is no document.
    """

    bank: str
    place: Place
    reason: str
    mend: str
    question: str | None = None
    source: str | None = None
    line: int | None = None

    @property
    def path(self) -> str:
        """The path as people write it: `questions[17].criteria[2].weight`."""
        return dotted(self.place)

    def as_row(self) -> dict[str, str | int | None]:
        """The finding as plain values, for JSON."""
        return {
            "bank": self.bank,
            "source": self.source,
            "line": self.line,
            "path": self.path,
            "question": self.question,
            "reason": self.reason,
            "mend": self.mend,
        }

    def __str__(self) -> str:
        document = self.source or self.bank
        where = document if self.line is None else f"{document}:{self.line}"
        named = f"{self.path} ({self.question})" if self.question else self.path
        return f"{where}: {named}: {self.reason} ({self.mend})"


def finding_in(bank: Bank, place: Place, reason: str, mend: str) -> Finding:
    """A finding about a bank; it names the question that its place lies in."""
    question = bank.questions[int(place[1])].id if place[:1] == ("questions",) and len(place) > 1 else None
    return Finding(bank.bank, place, reason, mend, question)


def located(findings: Iterable[Finding], source: str, lines: Lines) -> list[Finding]:
    """The findings of one document, each with its line; what is not written out has the line of what it belongs to."""
    return [replace(finding, source=source, line=line_at(lines, finding.place)) for finding in findings]
