"""Links between questions that lead nowhere."""

from __future__ import annotations

import pytest

from grader.bank.links import lint_links
from grader.bank.question import Bank, Question


def bank(name: str, **links: tuple[str, ...]) -> Bank:
    questions = tuple(
        Question(id=f"{name}-{number}", question="Why?", references=("Because.",), see_also=see_also)
        for number, see_also in links.items()
    )
    return Bank(bank=name, title=name, questions=questions)


def found(*banks: Bank, at_hand: tuple[Bank, ...] = ()) -> list[tuple[str, str]]:
    return [(finding.path, finding.reason) for finding in lint_links(banks, at_hand)]


def test_links_both_ways_are_sound() -> None:
    one, other = bank("a", x=("b-y",)), bank("b", y=("a-x",))
    assert found(one, other) == []
    assert found(one, at_hand=(other,)) == []


@pytest.mark.parametrize(
    ("see_also", "path", "reason"),
    [
        (("b-z",), "questions[0].see_also[0]", "'b-z' names no question at hand"),
        (("a-x",), "questions[0].see_also[0]", "links the question to itself"),
        (("b-y", "b-y"), "questions[0].see_also[1]", "'b-y' stands more than once"),
        (("b-y", "b-w"), "questions[0].see_also[1]", "b-w does not link back"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(see_also: tuple[str, ...], path: str, reason: str) -> None:
    other = bank("b", y=("a-x",), w=())
    assert found(bank("a", x=see_also), at_hand=(other,)) == [(path, reason)]


def test_only_the_banks_asked_about_are_told_of() -> None:
    assert found(bank("a", x=()), at_hand=(bank("b", y=("a-x",)),)) == []
