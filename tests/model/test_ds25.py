"""The first bank, graded with the real model: every figure is printed, and bounded."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from documents import document_answers

from grader.bank.keywords import is_pattern
from grader.bank.question import Bank, Question
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model


def scores(grader: Grader, pairs: Iterable[tuple[str, str]]) -> list[float]:
    """The scores of answers to questions, each pair an id and an answer."""
    grades: list[Grade] = grader.grade_many([GradeRequest(question_id=one, answer=answer) for one, answer in pairs])
    assert all(grade.score is not None for grade in grades)
    return [grade.score or 0.0 for grade in grades]


def show(what: str, found: list[float]) -> None:
    spread = f"min {min(found):.2f}  median {statistics.median(found):.2f}  max {max(found):.2f}"
    print(f"\n{what}: n {len(found)}  {spread}")


@pytest.mark.shared
def test_the_documents_answers_score_low_on_other_questions(real_grader: Grader, shared: Path) -> None:
    answers = document_answers(shared, "ds25")
    found = scores(real_grader, [(one, answers[other]) for one in answers for other in answers if one != other])
    show("document answer, another question", found)
    assert statistics.median(found) <= 0.3


def test_a_repeated_question_earns_nothing(real_grader: Grader, ds25: Bank) -> None:
    found = scores(real_grader, [(question.id, question.question) for question in ds25.questions])
    show("question repeated", found)
    assert max(found) <= 0.15


def test_shuffled_references_do_not_pass(real_grader: Grader, ds25: Bank) -> None:
    chance = random.Random(20)  # noqa: S311 (a seeded shuffle, no secret)
    pairs = []
    for question in ds25.questions:
        for reference in question.references:
            words = reference.split()
            chance.shuffle(words)
            pairs.append((question.id, " ".join(words)))
    found = scores(real_grader, pairs)
    show("reference shuffled", found)
    assert max(found) <= 0.4


@pytest.mark.parametrize("separator", [", ", " ", "\n", "; "])
def test_bare_keyword_lists_do_not_pass(real_grader: Grader, ds25: Bank, separator: str) -> None:
    found = scores(
        real_grader, [(question.id, separator.join(first_keywords(question))) for question in ds25.questions]
    )
    show(f"keyword list joined by {separator!r}", found)
    assert max(found) <= 0.4


def first_keywords(question: Question) -> list[str]:
    """The first whole word or phrase of every group of every criterion."""
    groups = [group for criterion in question.criteria for group in criterion.keywords]
    plain = [[word for word in group if not is_pattern(word) and not word.endswith("*")] for group in groups]
    return [words[0] for words in plain if words]


def test_exemplars_are_graded_as_marked(real_grader: Grader, ds25: Bank) -> None:
    exemplars = [(question, exemplar) for question in ds25.questions for exemplar in question.exemplars]
    found = scores(real_grader, [(question.id, exemplar.answer) for question, exemplar in exemplars])
    marked = [exemplar.score for _, exemplar in exemplars]
    by_kind = defaultdict[str, list[float]](list)
    for (_, exemplar), score in zip(exemplars, found, strict=True):
        by_kind[exemplar.kind].append(score)
    r = statistics.correlation(found, marked)
    print(f"\nexemplars: n {len(found)}  r {r:.3f} (its keywords were widened on them)")
    for kind, graded in sorted(by_kind.items()):
        print(f"  {kind:<13} n {len(graded):>3}  mean {statistics.mean(graded):.2f}")
    means = {kind: statistics.mean(graded) for kind, graded in by_kind.items()}
    assert r >= 0.9
    assert means["complete"] >= 0.9
    assert means["terse"] >= 0.6
    assert means["offbeat"] >= 0.8
    assert means["misconception"] <= 0.3
    assert means["bluff"] <= 0.1


def test_a_terse_right_answer_beats_a_fluent_misconception(real_grader: Grader, ds25: Bank) -> None:
    lost = []
    for question in ds25.questions:
        terse = [exemplar for exemplar in question.exemplars if exemplar.kind == "terse"]
        wrong = [exemplar for exemplar in question.exemplars if exemplar.kind == "misconception"]
        found = scores(real_grader, [(question.id, exemplar.answer) for exemplar in (*terse, *wrong)])
        if min(found[: len(terse)]) <= max(found[len(terse) :]):
            lost.append(question.id)
    print(f"\nterse right answers not above every misconception: {lost}")
    assert len(lost) <= 1


def test_a_right_clause_that_is_added_lowers_no_criterion(real_grader: Grader, ds25: Bank) -> None:
    lowered = []
    for question in ds25.questions:
        answers = [exemplar.answer for exemplar in question.exemplars]
        added = [f"{answer}\n{criterion.statement}" for answer in answers for criterion in question.criteria]
        before = real_grader.grade_many([GradeRequest(question_id=question.id, answer=answer) for answer in answers])
        after = real_grader.grade_many([GradeRequest(question_id=question.id, answer=answer) for answer in added])
        for place, grade in enumerate(after):
            earlier = before[place // len(question.criteria)]
            for one, other in zip(earlier.criteria, grade.criteria, strict=True):
                lowered.append(one.signals["probability"] - other.signals["probability"])
    print(f"\nlargest fall of a probability by an added right clause: {max(lowered):.4f} in {len(lowered)}")
    assert max(lowered) <= 0.02


def test_a_batch_of_any_order_and_size_grades_as_one_by_one(real_grader: Grader, ds25: Bank) -> None:
    requests = [
        GradeRequest(question_id=question.id, answer=exemplar.answer)
        for question in ds25.questions
        for exemplar in question.exemplars
    ]
    chance = random.Random(7)  # noqa: S311 (a seeded order, no secret)
    chance.shuffle(requests)
    together = real_grader.grade_many(requests)
    for start in range(0, len(requests), 37):
        assert real_grader.grade_many(requests[start : start + 37]) == together[start : start + 37]
    for place in range(0, len(requests), 19):
        assert real_grader.grade(requests[place]) == together[place]
