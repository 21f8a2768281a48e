"""Fit the combination that reads an answer against a reference, on files of marked answers.

Run as `python -m grader.training.reference OUTPUT FILE…`; `make train` does so with the files beside the checkout.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.encoders.protocol import Encoder
from grader.encoders.sentence import load_encoder
from grader.evaluation.datasets import MarkedAnswer, read_marked
from grader.scoring.combination import Combination
from grader.signals.encoded import EncodedText, encode_texts
from grader.signals.reference import READING_SIGNS, ReferenceReading, profile, read_against_nearest
from grader.text.reading import read
from grader.training.combination import Array, Marked, fit_combination

NAME = "reference-1"
_SEED = 0
_AT_ONCE = 1000  # texts encoded together
_STRANGERS_EVERY = 2  # one answer in so many is also read as an answer to another question


@dataclass(frozen=True)
class MarkedSet:
    """A data set by its name, with its marked answers."""

    name: str
    answers: Sequence[MarkedAnswer]


def fit_reference(measured: Marked) -> Combination:
    """The combination fitted on what was measured of marked answers."""
    return fit_combination(NAME, READING_SIGNS, measured)


def measure(sets: Sequence[MarkedSet], encoder: Encoder) -> Marked:
    """Read the answers of marked sets against their references.

    The nearest reference of an answer counts. The answers that earn nothing are answers to other questions of the same
    set, drawn with a fixed seed.
    """
    encoded = _encode(sets, encoder)
    chance = random.Random(_SEED)  # noqa: S311 (a sample, no secret)
    compare = _comparer(encoded)
    features, strangers, references, marks, questions, names = [], [], [], [], [], []
    for part in sets:
        for place, one in enumerate(part.answers):
            features.append(compare(one.answer, one))
            marks.append(one.human)
            questions.append(f"{part.name}/{one.question_id}")
            names.append(part.name)
            other = chance.choice(part.answers)
            if place % _STRANGERS_EVERY == 0 and other.question_id != one.question_id:
                strangers.append(compare(other.answer, one))
        asked = {one.question_id: one for one in part.answers}
        references += [compare(text, one) for one in asked.values() for text in one.references]
    return Marked(
        _matrix(features), _matrix(strangers), _matrix(references),
        np.array(marks), np.array(questions), np.array(names),
    )  # fmt: skip


def _encode(sets: Sequence[MarkedSet], encoder: Encoder) -> Mapping[str, EncodedText]:
    answers = [one for part in sets for one in part.answers]
    texts = list(dict.fromkeys(text for one in answers for text in (one.question, one.answer, *one.references)))
    encoded: dict[str, EncodedText] = {}
    for first in range(0, len(texts), _AT_ONCE):
        some = texts[first : first + _AT_ONCE]
        encoded.update(zip(some, encode_texts([read(text) for text in some], encoder), strict=True))
    return encoded


def _comparer(encoded: Mapping[str, EncodedText]) -> Callable[[str, MarkedAnswer], ReferenceReading]:
    """Reads a text as an answer to the question of a marked answer, against its references."""

    def compare(text: str, asked: MarkedAnswer) -> ReferenceReading:
        question = encoded[asked.question]
        references = [profile(encoded[reference], question) for reference in asked.references]
        return read_against_nearest(profile(encoded[text], question), references)

    return compare


def _matrix(readings: Sequence[ReferenceReading]) -> Array:
    return np.array([list(reading.values.values()) for reading in readings], np.float64)


def main(output: Path, files: Sequence[Path]) -> None:
    """Fit on files of marked answers and write the combination."""
    sets = [MarkedSet(path.stem, read_marked(path)) for path in files]
    combination = fit_reference(measure(sets, load_encoder("all-MiniLM-L6-v2", "auto", "auto")))
    output.write_text(combination.model_dump_json(indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
