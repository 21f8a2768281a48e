"""All examples of a training, from every source that it is given, parted by what is held out."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from grader.bank.library import Library
from grader.evaluation.datasets import MarkRange
from grader.training.judge.answered import answered_examples, read_answered
from grader.training.judge.compositions import sentence_examples
from grader.training.judge.entailment import read_entailment
from grader.training.judge.examples import Example, Parted, a_fifth, part
from grader.training.judge.exemplars import exemplar_examples
from grader.training.judge.marked import EncoderOf, read_marked_examples
from grader.training.judge.sentences import read_sentences

_MEASURED = 1000  # held-out examples of a source: an accuracy to three points, in some seconds


@dataclass(frozen=True, slots=True)
class Sources:
    """Where examples come from.

    Attributes:
        marked: files of marked answers, their marks in the range `marks` (see `read_marked`).
        banks: ids of banks whose exemplars are learnt from.
        sentences: files of authored sentences.
        answered: files of answered questions.
        entailment: files of pairs, of each at most `pairs` to train on.
    """

    marked: tuple[Path, ...] = ()
    marks: MarkRange | None = None
    banks: tuple[str, ...] = ()
    sentences: tuple[Path, ...] = ()
    answered: tuple[Path, ...] = ()
    entailment: tuple[Path, ...] = ()
    pairs: int | None = None

    def __bool__(self) -> bool:
        return bool(self.marked or self.banks or self.sentences or self.answered or self.entailment)


def gather(sources: Sources, library: Library, encoder_of: EncoderOf, seed: int, *, hold_out: bool) -> Parted:
    """Every example of the sources, always the same for a seed; with every fifth question held out, or none.

    Raises:
        DatasetError: a file cannot be read.
        UnknownBank: no bank at hand has such an id.
    """
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    of_questions = _of_questions(sources, library, encoder_of, chance)
    held = a_fifth(example.group for example in of_questions) if hold_out else frozenset[str]()
    found = part(of_questions, held.__contains__)
    for path in sources.entailment:
        pairs = read_entailment(path, sources.pairs, seed)
        found += Parted(pairs.train, pairs.held if hold_out else ())
    return found.measured_on(_MEASURED, seed)


def _of_questions(sources: Sources, library: Library, encoder_of: EncoderOf, chance: random.Random) -> list[Example]:
    found: list[Example] = []
    for path in sources.marked:
        found += read_marked_examples(path, sources.marks, library, encoder_of, chance)
    for bank in sources.banks:
        found += exemplar_examples(library.bank(bank), encoder_of(), chance)
    for path in sources.sentences:
        for asked in read_sentences(path, library):
            found += sentence_examples(asked, chance)
    for path in sources.answered:
        found += answered_examples(read_answered(path), chance)
    return found
