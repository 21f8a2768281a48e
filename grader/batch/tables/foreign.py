"""What other libraries raise while a file is read, as errors of ours."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator

import pyarrow

from grader.batch.tables.row import Row, RowError
from grader.errors import Fault, TableError

FOREIGN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, UnicodeError, SyntaxError, pyarrow.ArrowException)
"""What reading a file may raise: SyntaxError is what XML libraries raise of XML."""

_PACKED = (gzip.BadGzipFile, EOFError, zlib.error)


def translated(rows: Iterator[Row | RowError], source: str) -> Iterator[Row | RowError]:
    """The rows, with what goes wrong while they are read as errors of ours.

    Raises:
        TableError: what follows cannot be read.
    """
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except FOREIGN as error:
            raise told(error, source) from error
        yield row


def told(error: BaseException, source: str) -> TableError:
    """The error of ours that one of `FOREIGN` is."""
    return TableError([Fault(source, None, "", _reason(error))])


def _reason(error: BaseException) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    match error:
        case UnicodeDecodeError():
            return f"is not {error.encoding}: {error.reason}; name its encoding: --encoding cp1252"
        case UnicodeError():
            return f"is no text of its encoding: {first}"
        case OSError() if error.errno:
            return os.strerror(error.errno)  # pyarrow puts more into its own
        case pyarrow.ArrowException():
            return f"is not Parquet, or not whole: {first}"
        case zipfile.BadZipFile() | SyntaxError():
            return f"is no XLSX workbook, or not whole: {first}"
    return f"cannot be unpacked, or is not whole: {first}" if isinstance(error, (*_PACKED, OSError)) else first
