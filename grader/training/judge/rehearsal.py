"""What a judge was taught already, taught again beside what is new, so that it is not forgotten."""

from __future__ import annotations

import random
from dataclasses import replace

from grader.bank.library import Library
from grader.rooms import models_folder
from grader.training.judge.compositions import sentence_examples
from grader.training.judge.examples import Example
from grader.training.judge.sentences import read_sentences

SHARE = 0.5
"""So many sentences for each example of what is new."""

_WEIGHT = 0.25  # of what they weigh when they are new


def rehearsal(most: int, library: Library, seed: int) -> tuple[Example, ...]:
    """At most so many examples of the sentences that come with the project; the library holds its banks."""
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    examples = [
        replace(one, source="rehearsal", weight=_WEIGHT * one.weight)
        for asked in read_sentences(models_folder() / "judge" / "contrasts.jsonl", library)
        for one in sentence_examples(asked, chance)
    ]
    return tuple(chance.sample(examples, min(most, len(examples))))
