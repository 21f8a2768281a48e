"""Files of JSON Lines that were written to teach a judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.errors import DatasetError, Fault


def json_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number.

    Raises:
        DatasetError: the file cannot be read, or is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DatasetError([Fault(str(path), None, "", error.strerror or str(error))]) from error
    except UnicodeDecodeError as error:
        raise DatasetError([Fault(str(path), None, "", f"is not UTF-8: {error.reason}")]) from error
    # not splitlines: JSON may hold the other line ends of Unicode
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
