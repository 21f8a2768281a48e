"""Simulated markers: people who mark what scores say, each on a scale of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.training.marked_question import Array, MarkedQuestion

MARKERS: dict[str, Callable[[Array], Array]] = {
    "lenient": lambda scores: scores + 0.25 * (1 - scores),
    "strict": lambda scores: 0.6 * scores,
    "stretched": lambda scores: 1.6 * scores - 0.3,
    "just so": lambda scores: scores,
}
"""The mark that each gives on average, by the score."""


def marked_by(marker: str, questions: int, answers: int, *, noise: float, seed: int) -> list[MarkedQuestion]:
    """Questions of one bank, all marked by one person."""
    chance = np.random.default_rng(seed)
    return [
        _question(f"q{number}", MARKERS[marker], chance.random(answers), noise, chance) for number in range(questions)
    ]


def _question(
    key: str, mean: Callable[[Array], Array], scores: Array, noise: float, chance: np.random.Generator
) -> MarkedQuestion:
    marks = np.clip(mean(scores) + chance.normal(0, noise, len(scores)), 0, 1)
    return MarkedQuestion(key, "bank", scores, marks, np.ones_like(scores))
