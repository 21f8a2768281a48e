"""A learnt combination: measured numbers to a mark, by weights whose signs are fixed by sense."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import CalibrationError

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Combination(BaseModel):
    """A weighted sum of features, and the logistic curve that turns it into an expected mark.

    The weights are fitted under sign constraints: what speaks for an answer never lowers its mark.

    Attributes:
        name: what receipts call it.
        weights: by feature; a feature that is not named has no weight.
        slope, offset: of the curve, 1 / (1 + exp(-(slope * sum + offset))).
        full: the sum from which an answer says all that the reference says; there the mark is 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    weights: dict[str, Finite]
    slope: Annotated[float, Field(gt=0)]
    offset: Finite
    full: Finite

    def expect(self, values: Mapping[str, float]) -> float:
        """The expected mark, in [0, 1].

        Raises:
            KeyError: a feature is missing.
        """
        total = sum(weight * values[name] for name, weight in self.weights.items())
        return min(1.0, self._curve(total) / self._curve(self.full))

    def _curve(self, total: float) -> float:
        return 1.0 / (1.0 + math.exp(-(self.slope * total + self.offset)))


def load_combination(path: Path) -> Combination:
    """Read a combination.

    Raises:
        CalibrationError: there is no such file, or it is not a combination.
    """
    try:
        return Combination.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CalibrationError(f"{path}: {' '.join(str(error).split())[:300]}") from error
