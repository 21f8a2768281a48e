"""Links between the questions of the built-in banks."""

from __future__ import annotations

import pytest

from grader.bank.library import Library

ASKED_TWICE = {frozenset({"guide75-18", "guide75-64"})}  # one document asks the same question in two places


@pytest.fixture(scope="module")
def links(library: Library) -> list[tuple[str, str]]:
    return [(one.id, other) for bank in library.banks for one in bank.questions for other in one.see_also]


def test_the_banks_are_linked(links: list[tuple[str, str]], library: Library) -> None:
    linked = {library.question(question)[0].bank for question, _ in links}
    assert linked == {bank.bank for bank in library.banks}


def test_every_link_names_a_question_of_another_bank(links: list[tuple[str, str]], library: Library) -> None:
    for question, other in links:
        same_bank = library.question(question)[0] is library.question(other)[0]
        assert not same_bank or frozenset({question, other}) in ASKED_TWICE


def test_every_link_is_mutual_and_stands_once(links: list[tuple[str, str]]) -> None:
    assert len(links) == len(set(links))
    assert set(links) == {(other, question) for question, other in links}
