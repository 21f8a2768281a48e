"""Windows of a table as other processes grade them: numbered rows, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.batch.asking import Asked
from grader.batch.ledger import Line, line_of
from grader.batch.local import Window

_REMEMBERED = 1_000_000  # answers that were sent of late, 100 MB or so: what is equal to one of them is not sent again


Texts = dict[bytes, str]
"""By an answer's key, as JSON: before grading what is asked, after it what became of that."""


@dataclass(frozen=True, slots=True)
class NumberedWindow:
    """Rows, and what is known of the answers that are new among theirs.

    Attributes:
        first: the number of the first row, counted from 0.
        lines: the rows.
        texts: what is asked, or what became of it.
    """

    first: int
    lines: tuple[Line, ...]
    texts: Texts

    @property
    def end(self) -> int:
        """The number of the row behind the last."""
        return self.first + len(self.lines)


def numbered(windows: Iterable[Window], first: int) -> Iterator[NumberedWindow]:
    """Windows of rows that are counted from `first`.

    An answer that was sent in an earlier window is not asked again: windows are kept in order, so what became of it is
    kept before the later one is.
    """
    sent = set[bytes]()
    for window in windows:
        asked = {row.key: row.request for row in window if isinstance(row, Asked) and row.key not in sent}
        texts = {key: request.model_dump_json(exclude_defaults=True) for key, request in asked.items()}
        yield NumberedWindow(first, tuple(map(line_of, window)), texts)
        first += len(window)
        sent.update(asked)
        if len(sent) > _REMEMBERED:
            sent.clear()
