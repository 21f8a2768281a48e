"""A bank as JSON: what its YAML says, and the loader of YAML reads it too.

Every character is kept. Those that YAML has no plain form for are escaped, which JSON allows for any character.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from grader.bank.exchange.exchanged import Exchanged
from grader.bank.exchange.files import read_text
from grader.bank.loader import make_bank
from grader.bank.question import Bank
from grader.errors import BankError, Fault

# What YAML 1.1 (§5.1, §5.4) does not print, or takes for a line's end.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def write_json(bank: Bank) -> str:
    """The bank as JSON, without what is as it would be anyway."""
    text = json.dumps(bank.model_dump(mode="json", exclude_defaults=True), indent=2, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def read_json(path: Path) -> Exchanged:
    """Read a bank from JSON.

    Raises:
        BankError: it is no JSON, with the line, or no bank, with the path of every fault.
    """
    text = read_text(path)
    try:
        value = json.loads(text, object_pairs_hook=_mapping)
    except json.JSONDecodeError as error:
        reason = f"is no JSON: {error.msg} (column {error.colno})"
        raise BankError([Fault(str(path), error.lineno, "", reason)]) from error
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BankError([Fault(str(path), None, "", reason)]) from error
    return Exchanged(make_bank(value, source=str(path), lines={}))


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return mapping
