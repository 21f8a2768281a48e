"""Batches for tests: a table of awkward answers, and one run of it as a process of its own would make it.

Run as a program: `python tests/batches.py INPUT OUTPUT`, with the hashing encoder.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from fakes import DROPOUT_BANK

from grader.bank.library import Library
from grader.batch.columns import GRADED, KNOWN, match_columns
from grader.batch.job import Source, Target, discard, fingerprint, run, write_output
from grader.batch.ledger import Ledger
from grader.batch.summary import summarize
from grader.batch.survey import Choice, survey
from grader.batch.tables.formats import Format
from grader.batch.tables.reading import Layout
from grader.encoders.hashing import HashingEncoder
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest


class CountingGrader:
    """A grader that knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[GradeRequest] = []
        self._grader = Grader(Library([DROPOUT_BANK]), HashingEncoder())

    def grade_many(self, requests: Sequence[GradeRequest], /) -> list[Grade]:
        self.asked += requests
        return self._grader.grade_many(requests)


def source_of(path: Path, choice: Choice | None = None, **mapping: str) -> Source:
    layout = Layout(Format.of(path.name), known=KNOWN, ours=frozenset(GRADED))
    return Source(path, path.name, layout, choice or Choice(), mapping)


def grade_table(
    source: Source,
    target: Target,
    grader: CountingGrader,
    stopped: Callable[[], bool] = lambda: False,
    models: str = "hashing",
) -> bool:
    """What the command does, without a terminal; whether the output is written."""
    found = survey(source.path, source.layout, source.name, source.choice.limit)
    with Ledger.open(target.ledger) as ledger:
        ledger.begin(fingerprint(source, found, {"tiny": "1"}, {"models": models}))
        if not run(source, found, grader, ledger, lambda _: None, stopped):
            return False
        write_output(target, found, ledger)
    discard(target.ledger)
    return True


def summary_of(source: Source, folder: Path) -> dict[str, object]:
    """What the command tells of a table, as JSON."""
    found = survey(source.path, source.layout, source.name, source.choice.limit)
    answer = match_columns(found.columns, source.mapping, source.name)["answer"]
    with Ledger.open(folder / "ledger") as ledger:
        run(source, found, CountingGrader(), ledger, lambda _: None)
        told = {**asdict(summarize(ledger.finished(), answer, detailed=True)), "distinct": ledger.distinct}
    kept: dict[str, object] = json.loads(json.dumps(told))
    return kept


def target_of(path: Path, *, only_errors: bool = False) -> Target:
    return replace(Target(path, Format.of(path.name)), only_errors=only_errors)


def write_answers(path: Path, rows: int) -> None:
    """Answers with newlines, quotes and what looks like formulas; some are equal, some at fault."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "question_id", "answer", "note"])
        for number in range(rows):
            answer = f'Dropout disables "random" units\nin training, {number if number % 7 else 0} times;\r\n\tso = 1'
            question = "nowhere" if number % 97 == 5 else f"tiny-{1 + number % 2}"
            writer.writerow([f"{number:07}", question, answer if number % 11 else "=1+1", "ü, NA"])
            if number % 301 == 7:
                stream.write("too,short\r\n")


def process_environment() -> dict[str, str]:
    """What a process that imports from this folder needs."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])}


if __name__ == "__main__":
    grade_table(source_of(Path(sys.argv[1])), target_of(Path(sys.argv[2])), CountingGrader())
