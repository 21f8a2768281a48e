"""What a judge was taught already, taught again beside what is new, so that it is not forgotten."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace

from grader.bank.library import Library
from grader.rooms import models_folder
from grader.training.judge.compositions import sentence_examples
from grader.training.judge.examples import Example
from grader.training.judge.sentences import read_sentences

SHARE = 0.5
"""So many sentences for each example of what is new."""

_WEIGHT = 0.25  # of what they weigh when they are new


def rehearsal(most: int, library: Library, held: Collection[str], seed: int) -> tuple[Example, ...]:
    """Examples of what the project's own judge was taught with.

    Args:
        most: how many at most.
        library: holds the project's banks.
        held: the groups of examples that are held out, which are not taught again either.
        seed: where chance starts from.
    """
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    taught = [
        one
        for asked in read_sentences(models_folder() / "judge" / "contrasts.jsonl", library)
        if asked.id not in held
        for one in sentence_examples(asked, chance)
    ]
    drawn = chance.sample(taught, min(most, len(taught)))
    return tuple(replace(one, source="rehearsal", weight=_WEIGHT * one.weight) for one in drawn)
