"""What a table holds, found in one pass before anything is graded."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from grader.batch.tables.reading import Layout, open_table
from grader.batch.tables.row import Kind, Row, RowError


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows of a table are graded.

    Attributes:
        limit: the first so many, or None for all.
        sample: of these so many, picked at random, or None for all.
        seed: where the picking starts from.
    """

    limit: int | None = None
    sample: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Survey:
    """What a table holds.

    Attributes:
        columns: as its header names them; of JSON lines, as they appear.
        kinds: what typed columns hold.
        rows: how many, within the limit.
        delimiter: between the cells of a line, where the format has one.
        digest: SHA-256 (hex) of the file.
        left_out: sheets of the file that are not read, by their names.
    """

    columns: tuple[str, ...]
    kinds: Mapping[str, Kind]
    rows: int
    delimiter: str | None
    digest: str
    left_out: tuple[str, ...] = ()


def survey(path: Path, layout: Layout, source: str, limit: int | None = None) -> Survey:
    """Read a table once.

    Raises:
        TableError, ExtraMissing: as for `open_table`.
    """
    with open_table(path, layout, source) as table:
        columns = dict.fromkeys(table.columns)
        count = 0
        for row in islice(table.rows, limit):
            count += 1
            if isinstance(row, Row) and not table.columns:
                columns.update(dict.fromkeys(row.cells))
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Survey(tuple(columns), table.kinds, count, table.delimiter, digest, table.left_out)


@contextmanager
def chosen_rows(
    path: Path, layout: Layout, source: str, choice: Choice, rows: int, done: int = 0
) -> Iterator[Iterator[Row | RowError]]:
    """The rows that are graded, in order, without the first `done` of them; `rows` is how many the limit leaves."""
    with open_table(path, layout, source) as table:
        within: Iterator[Row | RowError] = islice(table.rows, choice.limit)
        if choice.sample is not None and choice.sample < rows:
            picked = frozenset(random.Random(choice.seed).sample(range(rows), choice.sample))  # noqa: S311 (a sample)
            within = (row for place, row in enumerate(within) if place in picked)
        yield islice(within, done, None)


def chosen_count(choice: Choice, rows: int) -> int:
    """How many rows are graded, of so many that the limit leaves."""
    return rows if choice.sample is None else min(rows, choice.sample)
