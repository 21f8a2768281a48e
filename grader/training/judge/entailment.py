"""Examples from files of entailment and paraphrase pairs: whether a premise says a hypothesis.

Columns: premise, hypothesis, label; optional: source, split, licence_clear. Pairs whose licence is not clear are left
out. Held out are the pairs of a `dev` or `test` split, where a source has others too, and by chance one premise in
fifty; training shares neither a premise nor a hypothesis with them.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow
import pyarrow.parquet

from grader.errors import DatasetError, Fault
from grader.evaluation.records import read_records
from grader.training.judge.examples import Example, Outcome, Parted

T = TypeVar("T")

_OUTCOMES = {
    "entailment": Outcome.SAID,
    "paraphrase": Outcome.SAID,
    "neutral": Outcome.OPEN,
    "contradiction": Outcome.CONTRADICTED,
    "not_entailment": Outcome.NOT_SAID,
    "not_paraphrase": Outcome.NOT_SAID,
}
_NEEDED = ("premise", "hypothesis", "label")
_OPTIONAL = ("source", "split", "licence_clear")
_HELD_SPLITS = frozenset({"dev", "test", "validation"})
_HELD_EVERY = 50  # premises

# Templated sets are easy and crowd out natural ones; the longest of the natural ones would crowd out the others.
_CAPS: Mapping[str, int] = {
    "fever": 70_000,
    "cannot_parts": 18_000,
    "hans_regenerated": 12_000,
    "help": 8_000,
    "wikires": 8_000,
    "breaking_nli": 5_000,
    "lexical_entail": 5_000,
    "logic_fragments": 5_000,
}
_MEASURED = 600  # held-out pairs of a source: an accuracy to four points
_LONGEST_PREMISE, _LONGEST_HYPOTHESIS = 600, 300  # characters: about half of what a judge reads at once
_WEIGHT = 0.5  # beside examples of questions


@dataclass(frozen=True, slots=True)
class _Pair:
    premise: str
    hypothesis: str
    outcome: Outcome
    apart: bool  # of a `dev` or `test` split

    def example(self, source: str) -> Example:
        return Example(self.hypothesis, self.premise, self.outcome, source, self.premise, _WEIGHT)


def read_entailment(path: Path, limit: int | None, seed: int) -> Parted:
    """Read a file of pairs: Parquet, CSV, TSV or JSON Lines.

    Args:
        path: the file.
        limit: at most so many pairs to train on; None for all.
        seed: where the sampling starts from.

    Raises:
        DatasetError: it cannot be read, lacks a column, or has an unknown label; with the line (in Parquet the row).
    """
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    sources: dict[str, list[_Pair]] = {}
    for line, row in _rows(path):
        if _is_wanted(row):
            sources.setdefault(str(row.get("source") or path.stem), []).append(_pair(path, line, row))
    train: dict[str, list[_Pair]] = {}
    held: dict[str, list[_Pair]] = {}
    for source, pairs in sources.items():
        all_apart = all(pair.apart for pair in pairs)
        for pair in pairs:
            (held if _is_held(pair, all_apart=all_apart) else train).setdefault(source, []).append(pair)
    return _sampled(train, held, limit, chance)


def _sampled(
    train: Mapping[str, list[_Pair]], held: Mapping[str, list[_Pair]], limit: int | None, chance: random.Random
) -> Parted:
    premises = {pair.premise for pairs in held.values() for pair in pairs}
    measured = [pair.example(source) for source, pairs in held.items() for pair in _some(pairs, _MEASURED, chance)]
    hypotheses = {example.statement for example in measured}
    kept: list[Example] = []
    for source, pairs in train.items():
        apart = [pair for pair in pairs if pair.premise not in premises and pair.hypothesis not in hypotheses]
        kept += [pair.example(source) for pair in _some(apart, _CAPS.get(source), chance)]
    return Parted(tuple(_some(kept, limit, chance)), tuple(measured))


def _some(items: list[T], most: int | None, chance: random.Random) -> list[T]:
    return items if most is None or len(items) <= most else chance.sample(items, most)


def _is_wanted(row: Mapping[str, object]) -> bool:
    premise, hypothesis = str(row.get("premise") or ""), str(row.get("hypothesis") or "")
    clear = str(row.get("licence_clear", True)).lower() not in {"false", "0", "no"}
    return clear and 0 < len(premise) <= _LONGEST_PREMISE and 0 < len(hypothesis) <= _LONGEST_HYPOTHESIS


def _is_held(pair: _Pair, *, all_apart: bool) -> bool:
    by_chance = zlib.crc32(pair.premise.encode()) % _HELD_EVERY == 0
    return by_chance or (pair.apart and not all_apart)


def _pair(path: Path, line: int, row: Mapping[str, object]) -> _Pair:
    label = str(row["label"])
    if label not in _OUTCOMES:
        raise DatasetError([Fault(str(path), line, "label", f"{label!r} is none of {', '.join(_OUTCOMES)}")])
    return _Pair(str(row["premise"]), str(row["hypothesis"]), _OUTCOMES[label], str(row.get("split")) in _HELD_SPLITS)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    if path.suffix.lower() == ".parquet":
        yield from _parquet_rows(path)
        return
    records = read_records(path)
    _check_columns(path, set(records[0].cells))
    for record in records:
        yield record.line, record.cells


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Rows batch by batch: such files have hundreds of thousands, and columns that are not read."""
    try:
        with path.open("rb") as stream:
            file = pyarrow.parquet.ParquetFile(stream)
            names = set(file.schema_arrow.names)
            _check_columns(path, names)
            batches = file.iter_batches(columns=[name for name in (*_NEEDED, *_OPTIONAL) if name in names])
            yield from enumerate((row for batch in batches for row in batch.to_pylist()), start=1)
    except OSError as error:
        raise DatasetError([Fault(str(path), None, "", error.strerror or str(error))]) from error
    except pyarrow.ArrowInvalid as error:
        raise DatasetError([Fault(str(path), None, "", f"is not Parquet: {str(error).splitlines()[0]}")]) from error


def _check_columns(path: Path, present: set[str]) -> None:
    faults = [Fault(str(path), 1, name, "there is no such column") for name in _NEEDED if name not in present]
    if faults:
        raise DatasetError(faults)
