"""How figures are written."""

from __future__ import annotations

import pytest

from grader.evaluation.bootstrap import Estimate
from grader.evaluation.wording import number, share, with_interval


@pytest.mark.parametrize(
    ("value", "told"), [(0.456, "0.46"), (-0.004, "0.00"), (-0.2, "−0.20"), (1, "1.00"), (None, "–")]
)
def test_a_number_has_two_decimals_and_a_true_minus(value: float | None, told: str) -> None:
    assert number(value) == told


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0 %"), (0.003, "0.3 %"), (0.05, "5.0 %"), (0.156, "16 %"), (1, "100 %")]
)
def test_a_share_is_told_in_per_cents(value: float, told: str) -> None:
    assert share(value) == told


def test_an_interval_stands_in_brackets_where_there_is_one() -> None:
    assert with_interval(Estimate(0.5)) == "0.50"
    assert with_interval(Estimate(0.5, 0.4, 0.6)) == "0.50 (0.40–0.60)"
    assert with_interval(Estimate(-0.5, -0.6, -0.4)) == "−0.50 (−0.60 to −0.40)"
    assert with_interval(Estimate(None)) == "–"
