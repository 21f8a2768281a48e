"""Files of JSON Lines that training reads, all their faults told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from grader.errors import DatasetError, Fault

Value = TypeVar("Value")


class UnfitLineError(ValueError):
    """A line of the right form that cannot be used, and why."""


def read_lines(path: Path, parse: Callable[[str], Value]) -> list[Value]:
    """The values of a file's lines, in order; blank lines hold none.

    Args:
        path: what to read.
        parse: a line to its value; it may raise pydantic's ValidationError, or UnfitLineError.

    Raises:
        DatasetError: the file cannot be read or is not UTF-8; or naming every line that could not be parsed.
    """
    found: list[Value] = []
    faults: list[Fault] = []
    # not splitlines: JSON may hold the other line ends of Unicode
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(parse(line))
        except ValidationError as error:
            first = error.errors()[0]
            faults.append(Fault(str(path), number, ".".join(map(str, first["loc"])), first["msg"]))
        except UnfitLineError as error:
            faults.append(Fault(str(path), number, "", str(error)))
    if faults:
        raise DatasetError(faults)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DatasetError([Fault(str(path), None, "", error.strerror or str(error))]) from error
    except UnicodeDecodeError as error:
        raise DatasetError([Fault(str(path), None, "", f"is not UTF-8: {error.reason}")]) from error
