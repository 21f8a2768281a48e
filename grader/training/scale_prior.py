"""How markers differ: what few marks of another one are read by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import CalibrationError
from grader.scoring.combination import Finite
from grader.training.marked_question import Array

_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ScalePrior(BaseModel):
    """How markers differ, learnt from many of them, on the scale of scores.

    Attributes:
        shared: the variances of the offset and the slope that the questions of a bank have in common.
        own: the variance of a question's own offset, the covariance with its slope, and that one's variance.
        noise: the standard deviation of marks around their scale.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shared: tuple[_Positive, _Positive]
    own: tuple[_Positive, Finite, _Positive]
    noise: _Positive

    @property
    def own_covariance(self) -> Array:
        """Shape (2, 2)."""
        return np.array([self.own[:2], self.own[1:]])


def load_prior(path: Path) -> ScalePrior:
    """Read a prior.

    Raises:
        CalibrationError: there is no such file, or it is not a prior.
    """
    try:
        return ScalePrior.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CalibrationError(f"{path}: {' '.join(str(error).split())[:300]}") from error
