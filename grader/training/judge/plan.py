"""How a judge is trained: how long, in which steps, and at which rate."""

from __future__ import annotations

from dataclasses import dataclass

_WARM = 80  # steps at most that the rate takes to rise
_WARM_SHARE = 0.1  # of all steps, where these are few
_LEAST = 0.02  # of the rate: what is left of it at the end


@dataclass(frozen=True, slots=True)
class Plan:
    """A training.

    Attributes:
        passes: how often each example is seen, from 1.
        batch: examples of a step, from 1.
        rate: the learning rate of the layers at its highest; the head learns at `HEAD` times that.
        seed: where order and new weights start from.
    """

    passes: int = 2
    batch: int = 32
    rate: float = 7e-5
    seed: int = 0

    def steps(self, examples: int) -> int:
        """Steps in all."""
        return self.passes * -(-examples // self.batch)

    def rate_at(self, step: int, steps: int) -> float:
        """The rate of a step, from 0: a straight rise, times a straight fall to nearly nothing at the last step."""
        warm = max(1, min(_WARM, round(_WARM_SHARE * steps)))
        return self.rate * min(1.0, (step + 1) / warm) * max(_LEAST, 1 - step / steps)


HEAD = 4.0
"""How much faster the head learns than the layers: it began from nothing."""
