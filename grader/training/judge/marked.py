"""Examples from answers that people marked, by references.

A full mark says the nearest reference; an answer that earns no more than half does not. Marks between say too little
about any one reference. Where a file has the column `label_5way` of SemEval-2013 task 7, it tells more than the mark.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from grader.bank.library import Library
from grader.encoders.protocol import Encoder
from grader.errors import DatasetError, Fault
from grader.evaluation.datasets import MarkedAnswer, MarkRange, read_marked
from grader.evaluation.graded import complete, with_references
from grader.evaluation.records import read_records
from grader.training.judge.examples import Example, Outcome, after_question

_LABEL = "label_5way"
_OUTCOMES = {
    "correct": Outcome.SAID,
    "contradictory": Outcome.CONTRADICTED,
    "partially_correct_incomplete": Outcome.NOT_SAID,
    "irrelevant": Outcome.OPEN,
    "non_domain": Outcome.OPEN,
}
_FULL, _HALF = 0.99, 0.5  # marks
_LABELLED, _MARKED = 0.7, 0.5  # weights: a mark is not given for one reference alone
_TERSE = 4  # words: a reference of fewer is no statement without its question
_LONGEST_REFERENCE, _LONGEST_ANSWER = 500, 700  # characters: what a judge reads of them at once

Labels = Mapping[int, Outcome]
"""Outcomes by the line that an answer begins on."""

EncoderOf = Callable[[], Encoder]
"""Gives the encoder, loaded at the first call."""


def read_marked_examples(
    path: Path, marks: MarkRange | None, library: Library, encoder_of: EncoderOf, chance: random.Random
) -> list[Example]:
    """The examples of a marked file, under the file's name; the encoder is loaded when the file has been read.

    Raises:
        DatasetError: as for `read_marked`; or a row has neither references nor a bank's question, or an unknown label.
    """
    answers = complete(path, read_marked(path, marks), library)
    labels = _labels(path)
    return list(marked_examples(path.stem, list(with_references(answers, library)), labels, encoder_of(), chance))


def marked_examples(
    source: str, answers: Sequence[MarkedAnswer], labels: Labels, encoder: Encoder, chance: random.Random
) -> Iterator[Example]:
    """The examples of marked answers with references, each against the reference nearest to it."""
    for one, reference in zip(answers, nearest_references(answers, encoder), strict=True):
        outcome = labels.get(one.line, _outcome(one.human))
        too_long = len(reference) > _LONGEST_REFERENCE or len(one.answer) > _LONGEST_ANSWER
        if outcome is None or too_long or not one.answer.strip():
            continue
        text = after_question(one.question, one.answer, chance)
        weight = _LABELLED if one.line in labels else _MARKED
        yield Example(_statement(one.question, reference), text, outcome, source, one.question_id, weight)


def nearest_references(answers: Sequence[MarkedAnswer], encoder: Encoder) -> list[str]:
    """For each answer the reference with the largest cosine to it."""
    choosing = [one for one in answers if len(one.references) > 1]
    texts = list(dict.fromkeys(text for one in choosing for text in (one.answer, *one.references)))
    vectors = {text: found.vector for text, found in zip(texts, encoder.encode(texts), strict=True)}

    def nearest(one: MarkedAnswer) -> str:
        if len(one.references) == 1:
            return one.references[0]
        cosines = [float(vectors[text] @ vectors[one.answer]) for text in one.references]
        return one.references[int(np.argmax(cosines))]

    return [nearest(one) for one in answers]


def _outcome(mark: float) -> Outcome | None:
    if mark >= _FULL:
        return Outcome.SAID
    return Outcome.NOT_SAID if mark <= _HALF else None


def _statement(question: str, reference: str) -> str:
    return f"{question} {reference}" if len(reference.split()) < _TERSE else reference


def _labels(path: Path) -> Labels:
    found: dict[int, Outcome] = {}
    faults: list[Fault] = []
    for record in read_records(path):
        label = record.cells.get(_LABEL, "")
        if label in _OUTCOMES:
            found[record.line] = _OUTCOMES[label]
        elif label:
            faults.append(Fault(str(path), record.line, _LABEL, f"{label!r} is none of {', '.join(_OUTCOMES)}"))
    if faults:
        raise DatasetError(faults)
    return found
