"""The characters that a format can carry.

XML 1.0 (§2.2) has no control characters but tab, line feed and carriage return, and neither U+FFFE nor U+FFFF;
databases and spreadsheets refuse most of them too. A text to be carried is therefore refused if it has one.
"""

from __future__ import annotations

import re

from grader.bank.question import Bank
from grader.errors import BankError, Fault

_UNCARRIED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def check_carried(bank: Bank) -> None:
    """Refuse a bank whose questions, references or topics hold characters that XML and tables do not carry.

    Raises:
        BankError: with every place that holds one.
    """
    faults = [
        Fault(bank.bank, None, path, f"holds U+{ord(found[0]):04X}, which only the json format carries: remove it")
        for number, question in enumerate(bank.questions)
        for path, text in (
            (f"questions[{number}].question", question.question),
            *((f"questions[{number}].references[{place}]", text) for place, text in enumerate(question.references)),
            (f"questions[{number}].topic", question.topic or ""),
        )
        if (found := _UNCARRIED.search(text))
    ]
    if faults:
        raise BankError(faults)


def carried(text: str) -> str:
    """The text with every line end as a line feed, as XML and forms make it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(text: str) -> str:
    """The text for display alone: as carried, what cannot be carried replaced by U+FFFD."""
    return _UNCARRIED.sub("\ufffd", carried(text))


def shortened(text: str, most: int) -> str:
    """The text on one line, of at most so many code points."""
    line = " ".join(shown(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
