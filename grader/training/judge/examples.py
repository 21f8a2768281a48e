"""What a judge learns from: a statement, a text, and whether the text says it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

_AFTER_QUESTION = 0.7  # the share of texts that stand after their question, as the grader hands answers to a judge
_FIFTH = 5


class Outcome(IntEnum):
    """What a text makes of a statement: the first three are the places of a judge's outputs.

    `NOT_SAID` is left open or contradicted, where a source does not tell which.
    """

    SAID = 0
    OPEN = 1
    CONTRADICTED = 2
    NOT_SAID = 3


@dataclass(frozen=True, slots=True)
class Example:
    """One pair to learn from.

    Attributes:
        source: what it is reported under.
        group: the id of the question that it belongs to, or the premise: it goes to training or is held out whole.
        weight: above 0, beside other examples.
    """

    statement: str
    text: str
    outcome: Outcome
    source: str
    group: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Parted:
    """Examples to train on, and examples to measure on that are never trained on."""

    train: tuple[Example, ...] = ()
    held: tuple[Example, ...] = ()

    def __add__(self, other: Parted) -> Parted:
        return Parted(self.train + other.train, self.held + other.held)

    def limited(self, limit: int | None, seed: int) -> Parted:
        """With at most so many examples to train on, drawn by chance."""
        if limit is None or len(self.train) <= limit:
            return self
        chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
        return Parted(tuple(chance.sample(self.train, limit)), self.held)

    def measured_on(self, most: int, seed: int) -> Parted:
        """With at most so many held-out examples of each source, drawn by chance."""
        chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
        sources: dict[str, list[Example]] = {}
        for example in self.held:
            sources.setdefault(example.source, []).append(example)
        drawn = (some if len(some) <= most else chance.sample(some, most) for some in sources.values())
        return Parted(self.train, tuple(example for some in drawn for example in some))


def part(examples: Iterable[Example], is_held: Callable[[str], bool]) -> Parted:
    """Part examples by their groups."""
    train: list[Example] = []
    held: list[Example] = []
    for example in examples:
        (held if is_held(example.group) else train).append(example)
    return Parted(tuple(train), tuple(held))


def a_fifth(groups: Iterable[str]) -> frozenset[str]:
    """A fifth of the groups, always the same ones; one at least, where there are two."""
    distinct = sorted(set(groups), key=lambda group: hashlib.sha256(group.encode()).hexdigest())
    return frozenset(distinct[: -(-len(distinct) // _FIFTH)]) if len(distinct) > 1 else frozenset()


def digest(examples: Sequence[Example]) -> str:
    """SHA-256 (hex) of examples in their order."""
    found = hashlib.sha256()
    for one in examples:
        told = (one.statement, one.text, str(int(one.outcome)), repr(one.weight))
        found.update("\0".join(told).encode() + b"\1")
    return found.hexdigest()


def after_question(question: str, text: str, chance: random.Random) -> str:
    """The text, mostly after its question."""
    return f"{question} {text}" if chance.random() < _AFTER_QUESTION else text
