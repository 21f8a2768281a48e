"""What judging may cost: nothing is asked that could cost more than is left."""

from __future__ import annotations

from dataclasses import dataclass

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were read and written."""

    read: int
    written: int

    @property
    def total(self) -> int:
        """Both."""
        return self.read + self.written


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, read and written, in whatever currency they are told in."""

    read: float
    written: float

    def cost(self, usage: Usage) -> float:
        """What was used, in the same currency."""
        return (usage.read * self.read + usage.written * self.written) / _MILLION


class Budget:
    """Sets aside the most that a call can use before it is made, and gives back what it did not.

    Args:
        max_tokens: the most tokens, read and written; None sets no limit.
        max_cost: the most money; None sets no limit.
        prices: by which money is counted; None where they are not known.
    """

    def __init__(self, max_tokens: int | None, max_cost: float | None, prices: Prices | None) -> None:
        self._max_tokens, self._max_cost, self._prices = max_tokens, max_cost, prices
        self._tokens, self._cost = 0, 0.0

    def reserve(self, most: Usage) -> bool:
        """Set aside the most that a call can use; False, and nothing is, where less is left."""
        tokens, cost = self._tokens + most.total, self._cost + self._priced(most)
        if self._max_tokens is not None and tokens > self._max_tokens:
            return False
        if self._max_cost is not None and cost > self._max_cost:
            return False
        self._tokens, self._cost = tokens, cost
        return True

    def settle(self, most: Usage, used: Usage) -> None:
        """Give back what was set aside for a call and take what it used."""
        self._tokens += used.total - most.total
        self._cost += self._priced(used) - self._priced(most)

    def _priced(self, usage: Usage) -> float:
        return 0.0 if self._prices is None else self._prices.cost(usage)
