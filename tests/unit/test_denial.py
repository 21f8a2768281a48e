"""Denial throughout an answer, told from the ordinary denials of right answers."""

from __future__ import annotations

import pytest

from grader.signals.denial import denies_throughout, right_words
from grader.text.antonyms import antonyms
from grader.text.reading import read
from grader.text.tokens import stem

RIGHT = (
    "Dropout deactivates random neurons during training. At test time all neurons stay active.",
    "It decreases overfitting, since no neuron can rely on another. The loss on new data is lower.",
    "A higher dropout rate increases the regularization of the network.",
)


def denies(answer: str) -> bool:
    return denies_throughout(read(answer), right_words(map(read, RIGHT)))


@pytest.mark.parametrize(
    "answer",
    [
        "Dropout does not deactivate random neurons during training, does not reduce overfitting and does not do harm.",
        "It never turns off neurons, it doesn't decrease overfitting, and neurons aren't active at test time.",
        "It is false that dropout deactivates random neurons during training and reduces overfitting.",
        "Dropout deactivates random neurons during training. No, that is wrong.",
        "A lower rate increases regularization; loss on new data is higher; as neurons rely, overfitting increases.",
    ],
)
def test_an_answer_that_says_no_to_most_of_what_is_right_denies_throughout(answer: str) -> None:
    assert denies(answer)


@pytest.mark.parametrize(
    "answer",
    [
        *RIGHT,
        "Dropout deactivates random neurons during training, not at test time, so overfitting is reduced.",
        "Without dropout the neurons rely on each other and overfit; dropout turns random ones off while training.",
        "It is not a layer with weights: random neurons are switched off in training, against overfitting.",
        "It does not reduce the loss on the training set, and it is not used at test time.",
        "With a lower rate there is less regularization.",
        "It cannot harm.",
        "",
    ],
)
def test_ordinary_denials_are_none(answer: str) -> None:
    assert not denies(answer)


def test_what_a_right_answer_says_is_no_opposite_of_what_another_says() -> None:
    right = (
        "A flat network can learn straight lines only. A deep network can learn lines that are not straight.",
        "A deep network has one or more hidden layers, while a flat network has none.",
        "A deep network copes with large data, a flat network less so.",
    )
    assert not denies_throughout(read(" ".join(right[:2])), right_words(map(read, right)))


def test_what_right_answers_deny_may_be_denied() -> None:
    assert not denies_throughout(
        read("The network does not memorize the training set."),
        right_words([read("The network does not memorize the training set.")]),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("increase", "decreases"),
        ("higher", "lower"),
        ("more", "less"),
        ("bigger", "smaller"),
        ("biggest", "smallest"),
        ("earlier", "later"),
    ],
)
def test_antonyms_go_both_ways(one: str, other: str) -> None:
    assert stem(other) in antonyms(stem(one))
    assert stem(one) in antonyms(stem(other))


def test_a_word_that_is_not_in_the_list_has_no_antonym() -> None:
    assert antonyms(stem("backpropagation")) == frozenset()
