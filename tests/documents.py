"""The documents' own answers to a bank's questions, read from beside the checkout; nothing of them is kept here."""

from __future__ import annotations

import re
from pathlib import Path

_HEADING = re.compile(r"^(?:### |\*\*)(\d+)\. .*$", re.MULTILINE)


def ds25_answers(shared: Path) -> dict[str, str]:
    """Question id to the document's answer, for the 25 questions of `ds25`."""
    text = (shared / "seeds" / "003_4c4b6c3275ac18b8.txt").read_text(encoding="utf-8").partition("### Summary")[0]
    parts = _HEADING.split(text)[1:]
    return {f"ds25-{number}": answer.strip() for number, answer in zip(parts[::2], parts[1::2], strict=True)}
