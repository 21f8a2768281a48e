"""Bytes and text from a file, and what a file is that is neither."""

from __future__ import annotations

import codecs
from pathlib import Path

from grader.bank.loader import MAX_BANK_BYTES
from grader.errors import BankError, Fault

_SAMPLE = 4096  # bytes are enough to tell text from what is none
_BINARY = {
    b"PK\x03\x04": "a ZIP archive, such as an Office document or a Moodle backup",
    b"\x1f\x8b": "a gzip archive, such as a Moodle backup",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old or an encrypted Office document",
    b"-----BEGIN PGP": "encrypted",
    b"Salted__": "encrypted",
}


def read_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:
        BankError: it cannot be read, is empty, is too large, or is of a kind that holds no text.
    """
    try:
        if path.stat().st_size > MAX_BANK_BYTES:
            raise BankError([Fault(str(path), None, "", f"is larger than {MAX_BANK_BYTES:,} bytes")])
        data = path.read_bytes()
    except OSError as error:
        raise BankError([Fault(str(path), None, "", error.strerror or str(error))]) from error
    if not data.strip():
        raise BankError([Fault(str(path), None, "", "the file is empty")])
    for magic, kind in _BINARY.items():
        if data.startswith(magic):
            raise BankError([Fault(str(path), None, "", f"is {kind}, and no text")])
    if b"\0" in data[:_SAMPLE] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BankError([Fault(str(path), None, "", "is binary, and no text")])
    return data


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, a byte order mark left out.

    Raises:
        BankError: as `read_bytes`, or it is not UTF-8.
    """
    data = read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BankError([Fault(str(path), line, "", f"not UTF-8 at byte {error.start}")]) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BankError([Fault(str(path), line, "", "has a null character, which no text has")])
    return text
