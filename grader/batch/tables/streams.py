"""Bytes in and out of files, unpacked and packed, and the text that they say."""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import pyarrow

from grader.batch.tables.formats import Packing
from grader.errors import Fault, TableError

_MARKS = (  # UTF-32's first: its mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@contextmanager
def open_text(path: Path, packing: Packing, encoding: str | None) -> Iterator[TextIO]:
    """A file's text, unpacked, with its line ends as they are.

    Encoded as its byte order mark says, else as `encoding` says, else in UTF-8. Bytes that are no text come as lone
    surrogates (PEP 383), so that the row that holds them can be told and the others read.

    Raises:
        TableError: `encoding` is unknown.
        FOREIGN: it cannot be read, is packed otherwise than its name says, or is cut off (see `foreign`).
    """
    with _unpacked(path, packing) as stream:
        used = _encoding(stream, encoding)
    with _unpacked(path, packing) as stream:
        # UTF-16 and UTF-32 know no surrogateescape: what is not text there is the whole file's fault
        errors = "strict" if used in {"utf-16", "utf-32"} else "surrogateescape"
        yield io.TextIOWrapper(stream, encoding=used, errors=errors, newline="")


@contextmanager
def create_bytes(path: Path, packing: Packing) -> Iterator[BinaryIO]:
    """A new file to write to, packed; the same rows give the same bytes."""
    with path.open("wb") as file:
        match packing:
            case Packing.NONE:
                yield file
            case Packing.GZIP:
                with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                    yield cast("BinaryIO", packed)
            case Packing.ZSTD:
                with pyarrow.CompressedOutputStream(file, "zstd") as packed:
                    yield packed


@contextmanager
def create_text(path: Path, packing: Packing) -> Iterator[TextIO]:
    """A new file to write UTF-8 to, packed, with line ends as they are written."""
    with create_bytes(path, packing) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def _unpacked(path: Path, packing: Packing) -> Iterator[BinaryIO]:
    match packing:
        case Packing.NONE:
            with path.open("rb") as stream:
                yield stream
        case Packing.GZIP:
            with gzip.open(path, "rb") as stream:
                yield cast("BinaryIO", stream)
        case Packing.ZSTD:
            with pyarrow.input_stream(str(path), compression="zstd") as stream:
                yield stream


def _encoding(stream: BinaryIO, named: str | None) -> str:
    start = stream.read(4)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if named is None or marked is not None:
        return marked or "utf-8"
    try:
        return codecs.lookup(named).name
    except LookupError as error:
        raise TableError([Fault(named, None, "", "is no encoding that is known, as latin-1 or cp1252 are")]) from error
