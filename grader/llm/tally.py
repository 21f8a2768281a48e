"""What asking came to: calls, outcomes, tokens, money, time."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from grader.grade import RemoteOutcome
from grader.llm.budget import Prices, Usage


@dataclass(frozen=True, slots=True)
class Tally:
    """What asking came to.

    Attributes:
        asked: answers that were to be judged.
        from_cache: of them, those whose reply was kept from before and cost nothing.
        outcomes: how many of them came to what.
        tokens_read: by the model, as it counts; of a call that broke off, the most that it may have read.
        tokens_written: by the model, likewise.
        cost: of these, by the prices in the settings; None without prices.
        seconds: what the calls took, waits between their attempts with them, the sum of all; calls go on side by side.
        median_seconds: of one call; None without calls.
    """

    asked: int
    from_cache: int
    outcomes: Mapping[str, int]
    tokens_read: int
    tokens_written: int
    cost: float | None
    seconds: float
    median_seconds: float | None

    @property
    def judged(self) -> int:
        """How many have verdicts that count."""
        return self.outcomes.get(RemoteOutcome.JUDGED.value, 0)


class Counts(Protocol):
    """What is told while answers are judged."""

    def heard(self, outcome: RemoteOutcome, *, from_cache: bool) -> None:
        """One answer was judged, or was not."""
        ...

    def called(self, used: Usage, seconds: float) -> None:
        """One call was made."""
        ...


class Counting:
    """Counts while answers are judged."""

    def __init__(self, prices: Prices | None) -> None:
        self._prices = prices
        self._outcomes = Counter[str]()
        self._from_cache = 0
        self._used = Usage(0, 0)
        self._seconds: list[float] = []

    def heard(self, outcome: RemoteOutcome, *, from_cache: bool) -> None:
        """One answer was judged, or was not."""
        self._outcomes[outcome.value] += 1
        self._from_cache += from_cache

    def called(self, used: Usage, seconds: float) -> None:
        """One call was made."""
        self._used = Usage(self._used.read + used.read, self._used.written + used.written)
        self._seconds.append(seconds)

    def tally(self) -> Tally:
        """So far."""
        return Tally(
            asked=self._outcomes.total(),
            from_cache=self._from_cache,
            outcomes=dict(self._outcomes),
            tokens_read=self._used.read,
            tokens_written=self._used.written,
            cost=None if self._prices is None else round(self._prices.cost(self._used), 6),
            seconds=round(sum(self._seconds), 3),
            median_seconds=round(statistics.median(self._seconds), 3) if self._seconds else None,
        )
