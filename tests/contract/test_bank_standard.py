"""The standard that every question of the built-in banks is written to."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest

from grader.bank.library import Library
from grader.bank.question import Question

BANKS = ("basics50", "ds25", "guide75", "top50")
EXEMPLARS = {"complete": 2, "half": 1, "terse": 1, "misconception": 2, "bluff": 1, "offbeat": 1}


def questions(library: Library, name: str) -> tuple[Question, ...]:
    return library.bank(name).questions


@pytest.mark.parametrize("name", BANKS)
def test_a_question_has_criteria_misconceptions_and_their_keywords(library: Library, name: str) -> None:
    for question in questions(library, name):
        assert 2 <= len([one for one in question.criteria if not one.elective]) + (question.at_least or 0) <= 6
        assert len(question.misconceptions) >= 2
        assert all(one.keywords for one in (*question.criteria, *question.misconceptions))
        assert all(one.hint for one in question.criteria)
        assert question.topic
        assert question.difficulty


@pytest.mark.parametrize("name", BANKS)
def test_a_question_has_exemplars_of_every_kind(library: Library, name: str) -> None:
    for question in questions(library, name):
        kinds = Counter(exemplar.kind for exemplar in question.exemplars)
        assert {kind: kinds[kind] for kind, least in EXEMPLARS.items() if kinds[kind] < least} == {}, question.id
        for exemplar in question.exemplars:
            assert 5 <= len(exemplar.answer.split()) <= 150, question.id
            assert exemplar.kind != "terse" or len(exemplar.answer.split()) <= 12
            assert exemplar.kind != "misconception" or (exemplar.claims and exemplar.score <= 0.3)
            assert exemplar.kind != "bluff" or exemplar.score <= 0.1


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize("kind", ["complete", "misconception", "bluff"])
def test_a_kind_of_exemplar_is_short_and_long(library: Library, name: str, kind: str) -> None:
    exemplars = [exemplar for question in questions(library, name) for exemplar in question.exemplars]
    lengths = [len(exemplar.answer.split()) for exemplar in exemplars if exemplar.kind == kind]
    assert sum(length <= 30 for length in lengths) >= 0.1 * len(lengths)
    assert sum(length >= 60 for length in lengths) >= 0.1 * len(lengths)


@pytest.mark.parametrize("name", BANKS)
def test_length_is_no_cue_to_the_score(library: Library, name: str) -> None:
    exemplars = [exemplar for question in questions(library, name) for exemplar in question.exemplars]
    r = statistics.correlation([len(one.answer.split()) for one in exemplars], [one.score for one in exemplars])
    print(f"\n{name}: r of length and score {r:.3f}")
    assert abs(r) < 0.15
