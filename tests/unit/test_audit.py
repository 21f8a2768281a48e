"""Attacks and what is told of them."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from random import Random

import pytest
from fakes import DROPOUT, DROPOUT_BANK, PLANETS

from grader.bank.library import Library
from grader.bank.question import Bank, Question
from grader.encoders.hashing import HashingEncoder
from grader.evaluation import disguises
from grader.evaluation.attacks import ATTACKS, Aim, AttackedAnswer, Try, attack
from grader.evaluation.audit import (
    Judged,
    accepted_attacks,
    count_answers,
    grade_attacks,
    outcomes,
    refused_answers,
)
from grader.evaluation.targets import Target, bank_targets, plain_targets
from grader.grading import Grader
from grader.text.normalize import normalize


def wilson(accepted: int, tried: int) -> tuple[float, float]:
    """Wilson's score interval of 95 %, written out."""
    z, share = 1.959963984540054, accepted / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z / (1 + z * z / tried) * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return middle - half, middle + half


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 (seeded changes of a text, no secret)


TARGETS = bank_targets(DROPOUT_BANK, seed=0)
BY_NAME = {one.name: one for one in ATTACKS}


def tries(name: str, target: Target = TARGETS[0]) -> list[Try]:
    return list(BY_NAME[name].tries(chance(1), target))


def judged(name: str, score: float | None, base: float | None = None, *, review: bool = False) -> Judged:
    attacked = AttackedAnswer("q", BY_NAME[name], Try("an answer", base=None if base is None else "plain"))
    return Judged(attacked, score, base, review, ())


def test_every_attack_says_what_it_does_and_when_it_succeeds() -> None:
    assert len(BY_NAME) == len(ATTACKS)
    for one in ATTACKS:
        assert one.does
        assert one.tries.__doc__
        assert (one.limit is None) == (one.aim is Aim.KEEP)


def test_every_attack_is_tried_on_a_question_with_a_rubric() -> None:
    tried = {one.attack.name for one in attack(TARGETS, 0) if one.question_id == "tiny-1"}
    assert tried == set(BY_NAME) - {"terse answers"}


def test_attacks_need_no_bank() -> None:
    questions = [("a", "Why?", ("Because the network learns quickly.",)), ("b", "How?", ("By the gradient.",))]
    tried = attack(plain_targets(questions, 3), 3)
    named = {one.attack.name for one in tried if one.question_id == "a"}
    assert named == set(BY_NAME) - {"antonyms", "complete answers", "terse answers"}
    assert "By the gradient." in [one.attempt.answer for one in tried if one.attack.name == "another answer"]


def test_the_same_seed_gives_the_same_attacks_and_another_gives_others() -> None:
    assert attack(TARGETS, 5) == attack(TARGETS, 5)
    assert [one.attempt for one in attack(TARGETS, 5)] != [one.attempt for one in attack(TARGETS, 6)]


def test_a_question_that_is_added_changes_no_other_questions_attacks_but_by_its_own_answer() -> None:
    added = DROPOUT.model_copy(update={"id": "tiny-3", "references": ("Something quite new.",)})
    larger = Bank(bank="tiny", title="A tiny bank", questions=(*DROPOUT_BANK.questions, added))
    before = {target.id: target for target in TARGETS}
    for target in bank_targets(larger, seed=0)[:2]:
        assert target.stranger in {before[target.id].stranger, "Something quite new."}
        same = dataclasses.replace(target, stranger=before[target.id].stranger)
        assert attack([same], 0) == attack([before[target.id]], 0)


def test_an_answer_to_a_linked_question_is_no_stranger() -> None:
    linked: Question = DROPOUT.model_copy(update={"see_also": ("tiny-2",)})
    bank = Bank(bank="tiny", title="A tiny bank", questions=(linked, PLANETS))
    assert [target.stranger for target in bank_targets(bank, 0)] == ["", ""]


def test_shuffling_keeps_the_words() -> None:
    for attempt, answer in zip(tries("shuffled words"), TARGETS[0].right, strict=True):
        assert Counter(attempt.answer.split()) == Counter(answer.split())
        assert attempt.answer != answer


def test_keywords_are_those_of_the_rubric_or_the_reference() -> None:
    (lone,) = plain_targets([("a", "What is dropout?", ("Dropout deactivates random neurons.",))], 0)
    assert lone.keywords == ("deactivates", "random", "neurons")
    assert tries("keyword list", TARGETS[1])[0].answer == "mars, venus, saturn"
    assert all("mars, venus and saturn" in one.answer for one in tries("keyword sentence", TARGETS[1]))


def test_padding_keeps_every_word_in_its_order() -> None:
    text = "Dropout deactivates random neurons during training."
    words = iter(disguises.padded(chance(2), text).split())
    assert all(word in words for word in text.split())
    assert len(disguises.padded(chance(2), text).split()) > len(text.split())


@pytest.mark.parametrize("disguise", [disguises.with_zero_width, disguises.embedded_right_to_left])
def test_characters_that_are_not_seen_change_nothing_that_is_read(disguise: object) -> None:
    text = "Dropout deactivates random neurons."
    assert callable(disguise)
    changed = disguise(chance(1), text)
    assert changed != text
    assert normalize(changed).text == text


def test_lookalikes_and_reversed_text_are_other_characters() -> None:
    text = "Dropout deactivates random neurons."
    assert len(disguises.with_lookalikes(chance(1), text)) == len(text)
    assert not disguises.with_lookalikes(chance(1), text).isascii()
    assert disguises.reversed_for_display(chance(1), text)[1:-1] == text[::-1]


def test_what_counts_as_accepted() -> None:
    assert judged("gibberish", 0.6).accepted(0.6)
    assert not judged("gibberish", 0.59).accepted(0.6)
    assert not judged("gibberish", None).accepted(0.6)
    assert judged("padded wrong", 0.7, 0.5).accepted(0.6)
    assert not judged("padded wrong", 0.7, 0.6).accepted(0.6)
    assert judged("padded right", 0.7, 0.6).accepted(0.6)


def test_an_outcome_counts_and_its_interval_is_wilsons() -> None:
    some = [
        judged("gibberish", 0.9, review=True),
        judged("gibberish", 0.1),
        judged("gibberish", 0.2),
        judged("gibberish", None),
    ]
    (found,) = outcomes(some, 0.6)
    assert (found.answers, found.accepted, found.to_review, found.ungraded) == (3, 1, 1, 1)
    assert found.share == pytest.approx(1 / 3)
    assert found.score == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx(wilson(1, 3))
    assert found.too_many


def test_a_limit_is_one_for_all_attacks_and_none_for_right_answers() -> None:
    attacked, right = outcomes(
        [judged("gibberish", 0.9), judged("gibberish", 0.1), judged("references", 0.1)], 0.6, 0.5
    )
    assert (attacked.limit, attacked.too_many) == (0.5, False)
    assert (right.limit, right.too_many) == (None, False)


def test_accepted_attacks_and_refused_right_answers_are_told_apart() -> None:
    some = [judged("gibberish", 0.9), judged("gibberish", 0.1), judged("references", 0.9), judged("references", 0.1)]
    assert [(one.attack, one.score) for one in accepted_attacks(some, 0.6)] == [("gibberish", 0.9)]
    assert [(one.attack, one.score) for one in refused_answers(some, 0.6)] == [("references", 0.1)]


def test_each_answer_is_graded_once_and_beside_its_plain_form() -> None:
    attacked = attack(TARGETS, 0)
    done: list[int] = []
    found = grade_attacks(attacked, Grader(Library([DROPOUT_BANK]), HashingEncoder()), done.append)
    assert sum(done) == count_answers(attacked) < 2 * len(attacked)
    assert [one.attacked for one in found] == list(attacked)
    assert all((one.base_score is None) == (one.attacked.attempt.base is None) for one in found)
    reached = {one.attack: one.share for one in outcomes(found, 0.6)}
    assert reached["gibberish"] == reached["repeated question"] == 0
    assert reached["references"] == 1
