"""Batches for tests: a table of awkward answers, and one run of it as a process of its own would make it.

Run as a program: `python tests/batches.py INPUT OUTPUT`, with the hashing encoder.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow
import pyarrow.parquet
from fakes import DROPOUT_BANK

from grader.bank.library import Library
from grader.batch.columns import GRADED, KNOWN, match_columns
from grader.batch.job import Engine, Source, Target, discard, fingerprint, local_engine, run, run_by, write_output
from grader.batch.ledger import Ledger
from grader.batch.summary import summarize
from grader.batch.survey import Choice, survey
from grader.batch.tables.formats import Format
from grader.batch.tables.reading import Layout
from grader.encoders.cache import EncodingCache
from grader.encoders.hashing import HashingEncoder
from grader.errors import ModelNotFound
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest
from grader.scoring.result import Models


class CountingGrader:
    """A grader that knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[GradeRequest] = []
        self._grader = make_grader()

    def grade_many(self, requests: Sequence[GradeRequest], /) -> list[Grade]:
        self.asked += requests
        return self._grader.grade_many(requests)


def make_grader() -> Grader:
    """A grader as a process of a cluster makes it."""
    return Grader(Library([DROPOUT_BANK]), HashingEncoder())


def make_none() -> Grader:
    """A grader that cannot be made."""
    raise ModelNotFound("no model of that name")


def make_real_grader(device: str, judge: str, cache: Path | None = None) -> Grader:
    """A grader with the default models, on a device; `off` is no judge."""
    from grader.bank.library import load_library  # noqa: PLC0415 (few use it, and it takes seconds)
    from grader.encoders.judge import load_judge  # noqa: PLC0415 (as above)
    from grader.encoders.sentence import load_encoder  # noqa: PLC0415 (as above)

    encoder = load_encoder("all-MiniLM-L6-v2", device, "auto")
    return Grader(
        load_library(),
        encoder,
        None if judge == "off" else load_judge(judge, device, "auto"),
        cache=None if cache is None else EncodingCache(cache),
    )


def different_answers(library: Library, count: int) -> list[GradeRequest]:
    """Each exemplar of the banks before each other one of its question."""
    questions = [question for bank in library.banks for question in bank.questions]
    pairs = [[*itertools.permutations(question.exemplars, 2)] for question in questions]
    rounds = itertools.chain.from_iterable(itertools.zip_longest(*pairs))  # every question from the beginning on
    told = ((question, pair) for question, pair in zip(itertools.cycle(questions), rounds, strict=False) if pair)
    requests = (GradeRequest(question_id=q.id, answer=f"{a.answer} {b.answer}") for q, (a, b) in told)
    return list(itertools.islice(requests, count))


def write_requests(path: Path, requests: Sequence[GradeRequest]) -> None:
    """A Parquet file of answers to questions of banks."""
    rows = [{"question_id": request.question_id, "answer": request.answer} for request in requests]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def steady_rate(moments: Sequence[float], rows: int) -> tuple[float, float]:
    """Rows per second from a quarter of the windows on, by the moments at which each was kept; and when that was."""
    quarter = len(moments) // 4
    done = rows * (1 - (quarter + 1) / len(moments))
    return done / (moments[-1] - moments[quarter]), moments[quarter]


class MortalGrader:
    """A grader whose process is killed, once, when it is asked for one of certain answers."""

    def __init__(self, killed: Path, fatal: str) -> None:
        self._killed, self._fatal = killed, fatal
        self._grader = make_grader()

    @property
    def models(self) -> Models:
        return self._grader.models

    def grade_many(self, requests: Sequence[GradeRequest], /) -> list[Grade]:
        if any(self._fatal in request.answer for request in requests) and not self._killed.exists():
            self._killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
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
    banks: str = "1",
) -> bool:
    """What the command does, without a terminal; whether the output is written."""
    return grade_table_by(local_engine(grader), source, target, stopped, models, banks)


def grade_table_by(
    engine: Engine,
    source: Source,
    target: Target,
    stopped: Callable[[], bool] = lambda: False,
    models: str = "hashing",
    banks: str = "1",
) -> bool:
    """The same by any engine."""
    found = survey(source.path, source.layout, source.name, source.choice.limit)
    with Ledger.open(target.ledger) as ledger:
        ledger.begin(fingerprint(source, found, {"tiny": banks}, {"models": models}))
        if not run_by(engine, source, found, ledger, lambda _: None, stopped):
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
