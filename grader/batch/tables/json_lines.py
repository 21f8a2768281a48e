"""JSON lines: an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn, TextIO

from grader.batch.tables.row import Cell, Row, RowError, Table


def read_json_lines(stream: TextIO) -> Table:
    """A table from text whose every line is a JSON object (RFC 8259); blank lines are passed over."""
    return Table((), _rows(stream))


def write_json_lines(stream: TextIO, columns: Sequence[str], rows: Iterator[Mapping[str, Cell]]) -> None:
    """Write rows as objects, their members in the columns' order; a row has those members that it has."""
    for row in rows:
        members = {column: row[column] for column in columns if column in row}
        stream.write(json.dumps(members, ensure_ascii=False, allow_nan=False) + "\n")


def _rows(stream: TextIO) -> Iterator[Row | RowError]:
    # Line ends are as in the file; what a text stream takes for one beside LF (a lone CR) is no line end of JSON's.
    for line, text in enumerate(_by_line_feed(stream), start=1):
        if text.strip():
            yield _row(line, text)


def _by_line_feed(stream: TextIO) -> Iterator[str]:
    held: list[str] = []
    for piece in stream:
        held.append(piece)
        if piece.endswith("\n"):
            yield "".join(held)
            held.clear()
    if held:
        yield "".join(held)


def _row(line: int, text: str) -> Row | RowError:
    try:
        row = json.loads(text.rstrip(), object_pairs_hook=_members, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        return RowError(line, f"is not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError) as error:
        return RowError(line, f"cannot be read: {error}")
    if not isinstance(row, dict):
        return RowError(line, "is not a JSON object: one object a line")
    return Row(line, row)


def _members(pairs: list[tuple[str, Cell]]) -> dict[str, Cell]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands more than once")
    return members


def _no_number(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number of JSON's")
