"""Windows that come in any order, some more than once, as a sequence without gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.batch.window import NumberedWindow
from grader.errors import EngineError


def in_order(windows: Iterable[NumberedWindow], first: int, end: int) -> Iterator[NumberedWindow]:
    """The windows by the numbers of their rows, each once, as soon as all before it are there.

    Args:
        windows: the same rows always in the same windows.
        first: the number of the row to begin with; windows before it are dropped.
        end: the number behind the last row.

    Raises:
        EngineError: they end before `end` is reached.
    """
    waiting: dict[int, NumberedWindow] = {}
    for window in windows:
        if window.first >= first:
            waiting[window.first] = window
        while first in waiting:
            following = waiting.pop(first)
            yield following
            first = following.end
    if first < end:
        raise EngineError(f"the cluster did not give back row {first + 1:,} of {end:,}; the same command goes on there")
