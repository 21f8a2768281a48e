"""What a training is told as: what was learnt from, and how often the judge was right before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from grader.training.judge.accuracy import Accuracy, Measured
from grader.training.judge.examples import Example, Parted


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source: examples trained on and held out, and the accuracy on the latter, None where there are none."""

    name: str
    trained: int
    held: int
    before: Accuracy | None
    after: Accuracy | None


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """A training.

    Attributes:
        before, after: on all that is held out; None where nothing is.
        better: as `Measured.beats` has it; None where nothing is held out.
        seconds: what it took, of this run alone.
        resumed: steps that an earlier run had done.
        receipt: what it rests on.
    """

    output: str
    sources: tuple[SourceReport, ...]
    trained: int
    held: int
    steps: int
    resumed: int
    seconds: float
    before: Accuracy | None
    after: Accuracy | None
    better: bool | None
    receipt: Mapping[str, str]


def source_reports(examples: Parted, before: Measured | None, after: Measured | None) -> tuple[SourceReport, ...]:
    """Every source, by name."""
    trained, held = _counts(examples.train), _counts(examples.held)
    none: Mapping[str, Accuracy] = {}
    earlier, later = (none if found is None else found.sources for found in (before, after))
    return tuple(
        SourceReport(name, trained[name], held[name], earlier.get(name), later.get(name))
        for name in sorted(trained | held)
    )


def _counts(examples: tuple[Example, ...]) -> Counter[str]:
    return Counter(example.source for example in examples)
