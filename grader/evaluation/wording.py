"""How figures are written, on the terminal and in reports."""

from __future__ import annotations

from grader.evaluation.bootstrap import Estimate

METHODS = {
    "grader": "grader",
    "remote": "with language model",
    "people": "second person",
    "cosine": "cosine",
    "tfidf": "TF-IDF",
    "token_f1": "shared words",
    "length": "length alone",
}
"""What each method is called."""

HEADINGS = {
    "within_pearson": "r within",
    "pearson": "r",
    "rmse": "error",
    "qwk": "kappa",
    "auc": "good above bad",
}
"""What the figures that everybody reads are called."""

MEANINGS = {
    "within_pearson": "do better answers to the same question get higher scores? 1 is always, 0 is by chance",
    "pearson": "the same across all questions",
    "rmse": "typical distance of score and mark (RMSE), on a scale of 0 to 1",
    "qwk": "agreement on the marks' own levels, beyond chance",
    "auc": "how often a good answer is scored above one that is not (AUC)",
}
"""What they mean, for who does not read statistics."""


def number(value: float | None) -> str:
    """Two decimals with a true minus, never a negative nothing; a dash for what is not defined."""
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def share(value: float) -> str:
    """A share in whole per cents; one decimal below ten."""
    told = value * 100
    return f"{told:.1f} %" if 0 < told < 10 else f"{told:.0f} %"


def between(estimate: Estimate) -> str:
    """An estimate's interval, or nothing where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    dash = "–" if estimate.low >= 0 else " to "  # beside a minus, a dash would be read as another
    return f"{number(estimate.low)}{dash}{number(estimate.high)}"


def with_interval(estimate: Estimate) -> str:
    """An estimate and, in brackets, its interval."""
    span = between(estimate)
    return f"{number(estimate.value)} ({span})" if span else number(estimate.value)
