"""Parsed banks on disk, by content: no document is parsed, and no pattern compiled, twice.

An entry is the bank as JSON, under the SHA-256 of its document and of the code that parsed it, so neither a changed
document nor changed code finds an old one. An entry that is cut or changed is parsed again.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from grader.bank import keywords, loader, question
from grader.bank.keywords import CHECKED
from grader.bank.loader import load_bank, parse_bank, read_document
from grader.bank.question import Bank

_log = logging.getLogger(__name__)


def load_parsed(path: Path, folder: Path | None) -> Bank:
    """Read a bank, from its parsed form if `folder` has it; put it there if not.

    Raises:
        BankError: as `load_bank`.
    """
    if folder is None:
        return load_bank(path)
    text = read_document(path)
    entry = folder / f"{hashlib.sha256(_code() + text.encode()).hexdigest()}.json"
    parsed = _read(entry)
    if parsed is None:
        parsed = parse_bank(text, source=str(path))
        _write(entry, parsed)
    return parsed


def _read(entry: Path) -> Bank | None:
    try:
        return Bank.model_validate_json(entry.read_bytes(), context=CHECKED)
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _log.warning("parsed bank %s is unreadable and is made again: %s", entry, str(error).splitlines()[0])
        return None


def _write(entry: Path, bank: Bank) -> None:
    """Written under another name and renamed, so that a reader sees a whole entry or none."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=entry.parent, suffix=".part", delete=False, encoding="utf-8") as file:
            file.write(bank.model_dump_json(exclude_defaults=True))
        Path(file.name).replace(entry)
    except OSError as error:
        _log.warning("parsed banks cannot be kept in %s: %s", entry.parent, error)


@cache
def _code() -> bytes:
    """What the modules that make a bank say, as a digest."""
    digest = hashlib.sha256()
    for module in (keywords, loader, question):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.digest()
