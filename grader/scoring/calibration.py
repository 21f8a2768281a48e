"""What is learnt of scoring: how measured numbers become probabilities and marks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import CalibrationError
from grader.scoring.combination import Combination, Finite


class Likelihood(BaseModel):
    """Logistic regression: the probability that something is so, from measured numbers.

    The weights are fitted under sign constraints: what speaks for a thing never lowers its probability.

    Attributes:
        bias: the log-odds where every number is 0.
        weights: log-odds for each unit of a feature; a feature that is not named has no weight.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    bias: Finite
    weights: dict[str, Finite]

    def probability(self, values: Mapping[str, float]) -> float:
        """The probability, in [0, 1].

        Raises:
            KeyError: a feature is missing.
        """
        return 1.0 / (1.0 + math.exp(-self.bias - sum(weight * values[name] for name, weight in self.weights.items())))


class Spread(BaseModel):
    """How far marks lie from scores: what makes an interval of stated coverage.

    The half width of an interval is `scale` times the square root of `least`² and the variance that the criteria's own
    probabilities give. `scale` is the quantile, at `level`, of the errors on answers to questions that nothing was
    learnt from, in those units: a conformal interval (Papadopoulos et al., Inductive Confidence Machines for
    Regression, 2002).

    Attributes:
        level: the share of answers whose mark lies in the interval.
        scale: half widths for each unit of spread.
        least: the spread of an answer whose criteria are all certain, on the scale of scores.
        doubtful: the spread beyond which a person should look, on the same scale: that of the least certain tenth.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    level: Annotated[float, Field(gt=0, lt=1)]
    scale: Annotated[float, Field(gt=0)]
    least: Annotated[float, Field(gt=0)]
    doubtful: Annotated[float, Field(gt=0)]

    def half_width(self, variance: float) -> float:
        """The half width, on the scale of scores, for the variance of a score."""
        return self.scale * self.unit(variance)

    def unit(self, variance: float) -> float:
        """The spread that errors are measured in."""
        return math.sqrt(self.least**2 + variance)


class Calibration(BaseModel):
    """All that is learnt of scoring with one set of witnesses.

    Attributes:
        name: what receipts call it.
        reference: an answer's mark, read against a reference; `drafted` where a judge may have read its clauses too.
        criterion: whether an answer meets a criterion; `bare_criterion` for one without keywords.
        claim: whether it claims a misconception; `bare_claim` for one without keywords.
        spread: how far marks lie from scores; `drafted_spread` with drafted rubrics.
        denial: whether it says the contrary of a criterion; `bare_denial` for one without keywords.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    reference: Combination
    drafted: Combination
    criterion: Likelihood
    bare_criterion: Likelihood
    claim: Likelihood
    bare_claim: Likelihood
    denial: Likelihood
    bare_denial: Likelihood
    spread: Spread
    drafted_spread: Spread


def load_calibration(path: Path) -> Calibration:
    """Read a calibration.

    Raises:
        CalibrationError: there is no such file, or it is not a calibration.
    """
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CalibrationError(f"{path}: {' '.join(str(error).split())[:300]}") from error
