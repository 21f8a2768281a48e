"""Fit a likelihood to verdicts that people gave."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from grader.scoring.calibration import Likelihood

Array = npt.NDArray[np.float64]

_RIDGE = 0.002  # by it weights shrink towards 0, for each unit of a feature's spread
_DECIMALS = 4


def fit_likelihood(signs: Mapping[str, int], features: Array, outcomes: Array, weights: Array) -> Likelihood:
    """Logistic regression with a ridge, by maximum likelihood under sign constraints.

    Args:
        signs: the features in order, each with 1 (never lowers the probability) or -1 (never raises it).
        features: shape (n, f).
        outcomes: shape (n,), in [0, 1]; what is between counts as so much of both.
        weights: shape (n,), how much each row counts.
    """
    spread = features.std(axis=0) + 1e-9
    scaled = np.column_stack([np.ones(len(features)), features / spread])
    share = weights / weights.sum()

    def loss(at: Array) -> tuple[float, Array]:
        found = expit(scaled @ at)
        clipped = np.clip(found, 1e-12, 1 - 1e-12)
        fit = -share @ (outcomes * np.log(clipped) + (1 - outcomes) * np.log(1 - clipped))
        gradient = scaled.T @ (share * (found - outcomes)) + 2 * _RIDGE * np.append(0.0, at[1:])
        return float(fit + _RIDGE * at[1:] @ at[1:]), gradient

    bounds = [(None, None), *((0, None) if sign > 0 else (None, 0) for sign in signs.values())]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, bounds=bounds, method="L-BFGS-B").x
    return Likelihood(
        bias=round(float(found[0]), _DECIMALS),
        weights={name: round(float(weight), _DECIMALS) for name, weight in zip(signs, found[1:] / spread, strict=True)},
    )
