"""What a file of another format holds: a bank, and the questions that no bank can hold."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.bank.loader import Lines, make_bank
from grader.bank.question import ID_PATTERN, MAX_ID, Bank
from grader.errors import BankError, Fault

_ID = re.compile(ID_PATTERN)
_LONGEST_MADE = 60  # code points, so that a number fits behind


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question that was left behind: its kind, the line (from 1, None if unknown) it stands on, and why."""

    kind: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.kind}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A bank read from another format, and what was left behind."""

    bank: Bank
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A question as a file puts it: where it stands, the id it gives, and the fields of a question."""

    line: int | None
    given_id: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader found, in order; `facts` are the bank's own fields, as far as the file has them."""

    items: Sequence[Item]
    skipped: Sequence[Skipped] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def make_exchanged(contents: Contents, path: Path) -> Exchanged:
    """A bank of what was found; ids that a bank cannot have are made fit, and those that are missing are made.

    Raises:
        BankError: nothing was found that a bank can hold, or a field is not what a bank wants.
    """
    if not contents.items:
        raise BankError([Fault(str(path), None, "", f"holds no question that can be graded{_told(contents.skipped)}")])
    bank_id = as_id(str(contents.facts.get("bank") or path.stem)) or "bank"
    ids = _distinct_ids(bank_id, contents.items)
    questions = [{**item.fields, "id": name} for item, name in zip(contents.items, ids, strict=True)]
    facts = {"title": path.stem, **contents.facts, "bank": bank_id, "questions": questions}
    lines: Lines = {("questions", number): item.line for number, item in enumerate(contents.items) if item.line}
    return Exchanged(make_bank(facts, source=str(path), lines=lines), tuple(contents.skipped))


def as_id(name: str) -> str:
    """The name if it can be an id, or the id nearest to it; empty if the name has neither letters nor digits."""
    if _ID.fullmatch(name) and len(name) <= MAX_ID:
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_MADE].strip("-")


def _distinct_ids(bank_id: str, items: Sequence[Item]) -> Iterator[str]:
    """The ids given, as far as they can be ids and are new; else the bank's id and the question's number."""
    taken = set[str]()
    wanted = {as_id(item.given_id) for item in items}
    for number, item in enumerate(items, start=1):
        name = as_id(item.given_id)
        if not name or name in taken:
            name = f"{bank_id}-{number}"
            while name in taken or name in wanted:
                name += "-b"
        taken.add(name)
        yield name


def _told(skipped: Sequence[Skipped]) -> str:
    """What was left behind, in a few words."""
    kinds = Counter(f"{one.kind} ({one.reason})" for one in skipped)
    return f"; left behind: {', '.join(f'{count} {kind}' for kind, count in kinds.most_common())}" if kinds else ""
