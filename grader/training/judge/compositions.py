"""Examples from authored sentences: as they are, denied, taken back, and put together to answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.training.judge import phrases
from grader.training.judge.examples import Example, Outcome, after_question
from grader.training.judge.sentences import Authored, AuthoredQuestion

_COMPOSED = 0.8  # the weight of what rests on a phrase
_SENSELESS, _OF_OTHERS = 0.7, 0.7
_MIXES = 10  # answers put together for each question that has two statements or more
_KINDS = (Outcome.SAID, Outcome.CONTRADICTED, Outcome.OPEN)
_SHARES = {False: (0.5, 0.25, 0.25), True: (0.5, 0.3125, 0.1875)}  # of the kinds in a mix; True: misconceptions


@dataclass(frozen=True, slots=True)
class Mix:
    """An answer put together, and what it makes of each statement that it has a sentence of."""

    text: str
    parts: tuple[tuple[Authored, Outcome], ...]


def sentence_examples(asked: AuthoredQuestion, chance: random.Random) -> Iterator[Example]:
    """The examples of one question's authored sentences."""
    for one in asked.statements:
        for made in (*_plain(one), *_composed(one, chance), *_senseless(one, chance), *_of_others(one, asked, chance)):
            yield _example(asked, one, made, chance)
    for _ in range(_MIXES if len(asked.statements) > 1 else 0):
        answer = mix(asked.statements, chance)
        for one, made in _mixed(asked, answer, chance):
            yield _example(asked, one, made, chance)


def mix(statements: Sequence[Authored], chance: random.Random) -> Mix:
    """Two to four statements, each by a sentence that says it, denies it or speaks beside it.

    No misconception stands beside a criterion that it contradicts: what one sentence says, no other takes away.
    """
    drawn = chance.sample(statements, min(len(statements), chance.randint(2, 4)))
    parts: list[tuple[Authored, Outcome]] = []
    sentences: list[str] = []
    for one in drawn:
        if any(one.id in other.denied or other.id in one.denied for other, _ in parts):
            continue
        (outcome,) = chance.choices(_KINDS, _SHARES[one.is_misconception])
        parts.append((one, outcome))
        sentences.append(phrases.ended(chance.choice(_sentences(one, outcome))))
    return Mix(" ".join(sentences), tuple(parts))


_Made = tuple[str, str, Outcome, float]  # source, text, outcome, weight


def _plain(one: Authored) -> Iterator[_Made]:
    for outcome in _KINDS:
        for sentence in _sentences(one, outcome):
            yield "sentences", sentence, outcome, 1.0


def _composed(one: Authored, chance: random.Random) -> Iterator[_Made]:
    """The sentence, or the statement itself, denied; said and taken back, or the other way; and the bare statement."""
    said, denied = chance.choice(one.says), chance.choice(one.denies)
    yield "denied sentences", phrases.deny(said, chance), Outcome.CONTRADICTED, _COMPOSED
    if chance.random() < 0.5:
        yield "denied sentences", phrases.deny(one.statement, chance), Outcome.CONTRADICTED, _COMPOSED
    drawn = chance.random()
    if drawn < 0.35:
        yield "turns", phrases.turn(denied, said, chance), Outcome.SAID, _COMPOSED
    elif drawn < 0.7:
        yield "turns", phrases.turn(said, denied, chance), Outcome.CONTRADICTED, _COMPOSED
    if chance.random() < 0.3:
        yield "sentences", one.statement, Outcome.SAID, 1.0


def _senseless(one: Authored, chance: random.Random) -> Iterator[_Made]:
    drawn = chance.random()
    if drawn < 0.12:
        yield "words without order", phrases.shuffled(chance.choice(one.says), chance), Outcome.OPEN, _SENSELESS
    elif drawn < 0.24:
        yield "words without order", phrases.listed(one.statement, chance), Outcome.OPEN, _SENSELESS


def _of_others(one: Authored, asked: AuthoredQuestion, chance: random.Random) -> Iterator[_Made]:
    others = [other for other in asked.statements if other.id != one.id]
    if others:
        other = chance.choice(others)
        text = chance.choice(other.says if chance.random() < 0.7 else other.beside)
        yield "other sentences", text, Outcome.NOT_SAID, _OF_OTHERS


def _mixed(asked: AuthoredQuestion, answer: Mix, chance: random.Random) -> Iterator[tuple[Authored, _Made]]:
    for one, outcome in answer.parts:
        if chance.random() < 0.6:
            # what one sentence leaves open, another may deny: only that nothing says it is sure
            sure = Outcome.NOT_SAID if outcome is Outcome.OPEN else outcome
            yield one, ("mixed sentences", answer.text, sure, 1.0)
    spoken = {one.id for one, _ in answer.parts}
    silent = [one for one in asked.statements if one.id not in spoken]
    if silent:
        yield chance.choice(silent), ("mixed sentences", answer.text, Outcome.NOT_SAID, _OF_OTHERS)


def _sentences(one: Authored, outcome: Outcome) -> Sequence[str]:
    return {Outcome.SAID: one.says, Outcome.CONTRADICTED: one.denies, Outcome.OPEN: one.beside}[outcome]


def _example(asked: AuthoredQuestion, one: Authored, made: _Made, chance: random.Random) -> Example:
    source, text, outcome, weight = made
    told = after_question(asked.question, text, chance)
    return Example(one.statement, told, outcome, source, asked.id, weight)
