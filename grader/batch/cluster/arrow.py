"""Windows as they travel in a cluster: one Arrow row each.

A window is never taken apart, whatever Ray Data makes of blocks.
"""

from __future__ import annotations

from dataclasses import asdict

import pyarrow

from grader.batch.ledger import Line
from grader.batch.window import NumberedWindow

_LINE = [
    ("line", pyarrow.int64()),
    ("question", pyarrow.string()),
    ("cells", pyarrow.string()),
    ("key", pyarrow.binary(16)),
    ("fault", pyarrow.string()),
]
_SCHEMA = pyarrow.schema(
    [
        ("first", pyarrow.int64()),
        ("lines", pyarrow.list_(pyarrow.struct(_LINE))),
        ("keys", pyarrow.list_(pyarrow.binary(16))),
        ("texts", pyarrow.list_(pyarrow.string())),
    ]
)


def to_arrow(window: NumberedWindow) -> pyarrow.Table:
    """A window as a table of one row."""
    row = {
        "first": window.first,
        "lines": [asdict(line) for line in window.lines],
        "keys": list(window.texts),
        "texts": list(window.texts.values()),
    }
    return pyarrow.Table.from_pylist([row], _SCHEMA)


def from_arrow(table: pyarrow.Table) -> list[NumberedWindow]:
    """The windows that the rows of a table are."""
    return [
        NumberedWindow(
            row["first"],
            tuple(Line(**line) for line in row["lines"]),
            dict(zip(row["keys"], row["texts"], strict=True)),
        )
        for row in table.to_pylist()
    ]
