"""All examples of a training, from every source that it is given, parted by what is held out."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grader.bank.library import Library
from grader.evaluation.datasets import MarkRange
from grader.training.folds import fold_of
from grader.training.judge.compositions import sentence_examples
from grader.training.judge.entailment import read_entailment
from grader.training.judge.examples import Example, Parted, a_fifth, part
from grader.training.judge.exemplars import exemplar_examples
from grader.training.judge.marked import EncoderOf, read_marked_examples
from grader.training.judge.sentences import read_sentences

_MEASURED = 1000  # held-out examples of a source: an accuracy to three points, in some seconds


class HoldOut(StrEnum):
    """Which questions are not trained on but measured on: every fifth, one half of them (`folds.py`), or none.

    The halves are of the questions that answers are judged to: sentences about statements of no bank are in neither.
    """

    FIFTH = "fifth"
    FIRST_HALF = "0"
    SECOND_HALF = "1"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where examples come from.

    Attributes:
        marked: files of marked answers, their marks in the range `marks` (see `read_marked`).
        banks: ids of banks whose exemplars are learnt from.
        sentences: files of authored sentences.
        entailment: files of pairs, of each at most `pairs` to train on.
    """

    marked: tuple[Path, ...] = ()
    marks: MarkRange | None = None
    banks: tuple[str, ...] = ()
    sentences: tuple[Path, ...] = ()
    entailment: tuple[Path, ...] = ()
    pairs: int | None = None

    def __bool__(self) -> bool:
        return bool(self.marked or self.banks or self.sentences or self.entailment)


def gather(sources: Sources, library: Library, encoder_of: EncoderOf, hold_out: HoldOut, seed: int) -> Parted:
    """Every example of the sources, always the same for a seed.

    Raises:
        DatasetError: a file cannot be read.
        UnknownBank: no bank at hand has such an id.
    """
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    of_questions, of_no_bank = _of_questions(sources, library, encoder_of, chance)
    found = part(of_questions, _is_held(of_questions, library, hold_out))
    found += part(of_no_bank, _a_fifth_of(of_no_bank) if hold_out is HoldOut.FIFTH else _none)
    for path in sources.entailment:
        pairs = read_entailment(path, sources.pairs, seed)
        found += Parted(pairs.train, () if hold_out is HoldOut.NONE else pairs.held)
    return found.measured_on(_MEASURED, seed)


def _of_questions(
    sources: Sources, library: Library, encoder_of: EncoderOf, chance: random.Random
) -> tuple[list[Example], list[Example]]:
    """Examples of questions with answers, and of statements of no bank."""
    found: list[Example] = []
    for path in sources.marked:
        found += read_marked_examples(path, sources.marks, library, encoder_of, chance)
    for bank in sources.banks:
        found += exemplar_examples(library.bank(bank), encoder_of(), chance)
    of_no_bank: list[Example] = []
    for path in sources.sentences:
        for asked in read_sentences(path, library):
            (found if asked.in_bank else of_no_bank).extend(sentence_examples(asked, chance))
    return found, of_no_bank


def _is_held(examples: list[Example], library: Library, hold_out: HoldOut) -> Callable[[str], bool]:
    if hold_out is HoldOut.NONE:
        return _none
    if hold_out is HoldOut.FIFTH:
        return _a_fifth_of(examples)
    half = int(hold_out.value)
    return lambda group: fold_of(group, library) == half


def _a_fifth_of(examples: list[Example]) -> Callable[[str], bool]:
    return a_fifth(example.group for example in examples).__contains__


def _none(_: str) -> bool:
    return False
