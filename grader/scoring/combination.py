"""A learnt combination: measured numbers to a mark, by weights whose signs are fixed by sense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Combination(BaseModel):
    """A weighted sum of features, as the share of what a reference itself gets, bent to the marks that people give.

    The weights are fitted under sign constraints: what speaks for an answer never lowers its mark.

    Attributes:
        name: what receipts call it.
        weights: by feature; a feature that is not named has no weight.
        full: the sum from which an answer says all that the reference says.
        power: mark = (sum / full) ** power, within [0, 1].
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    weights: dict[str, Finite]
    full: Annotated[float, Field(gt=0)]
    power: Annotated[float, Field(gt=0)]

    def expect(self, values: Mapping[str, float]) -> float:
        """The expected mark, in [0, 1].

        Raises:
            KeyError: a feature is missing.
        """
        total = sum(weight * values[name] for name, weight in self.weights.items())
        return float(min(1.0, max(0.0, total / self.full)) ** self.power)
