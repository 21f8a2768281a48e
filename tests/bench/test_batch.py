"""How fast a batch is: beside raw encoding, beside the loop that people write, and as it grows; ratios of one run."""

from __future__ import annotations

import csv
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from batches import (
    CountingGrader,
    different_answers,
    grade_table,
    grade_table_by,
    make_real_grader,
    process_environment,
    source_of,
    steady_rate,
    target_of,
    write_requests,
)
from fakes import DROPOUT_BANK
from sentence_transformers import SentenceTransformer, util

from grader.bank.library import Library
from grader.batch.cluster.arrow import from_arrow, to_arrow
from grader.batch.cluster.order import in_order
from grader.batch.cluster.share import Share
from grader.batch.job import Engine, local_engine, write_rows
from grader.batch.ledger import Ledger
from grader.batch.local import windows
from grader.batch.outcome import dumped, outcome
from grader.batch.processes import cores, started
from grader.batch.tables.row import Row
from grader.batch.window import numbered
from grader.batch.worker import identify
from grader.encoders.cache import EncodingCache
from grader.encoders.hashing import HashingEncoder
from grader.encoders.sentence import load_encoder
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.bench, pytest.mark.batch]

ANSWERS = int(os.environ.get("GRADER_BENCH_ANSWERS", "4000"))
MARKED = ("models/calibration/answers.jsonl", "tests/model/fresh_answers.jsonl", "tests/model/unseen_answers.jsonl")
LARGEST = int(os.environ.get("GRADER_BENCH_ROWS", "1000000"))
COPIES = 3  # rows that bring one answer, in the table that is graded


class StubGrader(CountingGrader):
    """Grades with hardly any work: what is left is the batch's own."""

    def __init__(self) -> None:
        super().__init__()
        (self._grade,) = Grader(Library([DROPOUT_BANK]), HashingEncoder()).grade_many(
            [GradeRequest(question_id="tiny-1", answer="Dropout disables units.")]
        )

    def grade_many(self, requests: Sequence[GradeRequest], /) -> list[Grade]:
        return [self._grade] * len(requests)


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def real_answers(library: Library) -> Iterator[tuple[str, str]]:
    """Questions' ids with answers that people might give: the banks' exemplars, and the marked answers."""
    yield from ((q.id, e.answer) for bank in library.banks for q in bank.questions for e in q.exemplars)
    for name in MARKED:
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            yield one["question_id"], one["answer"]


@pytest.mark.model
def test_a_batch_beside_raw_encoding_and_beside_the_loop_that_people_write(library: Library, tmp_path: Path) -> None:
    """Answers of the banks, each different, and again with every answer in three rows."""
    encoder = load_encoder("all-MiniLM-L6-v2", "auto", "auto")
    told = list(dict.fromkeys(real_answers(library)))[:ANSWERS]
    once, thrice = tmp_path / "once.csv", tmp_path / "thrice.csv"
    for path, copies in ((once, 1), (thrice, COPIES)):
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([("question_id", "answer"), *told * copies])
    options = {"device": encoder.placement.device, "local_files_only": True}
    raw = SentenceTransformer(str(encoder.files.folder), model_kwargs={"dtype": encoder.placement.dtype}, **options)
    plain = SentenceTransformer(str(encoder.files.folder), **options)
    grader = Grader(library, encoder, cache=EncodingCache(tmp_path / "cache"))
    answers = [answer for _, answer in told]
    references = {q: plain.encode(library.question(q)[1].references[0]) for q in {question for question, _ in told}}

    def batch(path: Path) -> Callable[[], object]:
        return lambda: grade_table(source_of(path), target_of(path.with_suffix(".out.csv")), grader)  # type: ignore[arg-type]

    def loop() -> None:
        for question, answer in told:
            util.cos_sim(plain.encode(answer), references[question])

    def by_processes(path: Path) -> None:
        grade_table_by(processes.engine(512), source_of(path), target_of(path.with_suffix(".processes.csv")))

    make = partial(make_real_grader, encoder.placement.device, "off", tmp_path / "cache")
    with started(make, cores()) as processes:
        batch(once)()
        by_processes(once)
        raw.encode(answers[:64])
        times = {
            "batch, in one process": (seconds(batch(once)), len(answers)),
            "batch, in one for each core": (seconds(partial(by_processes, once)), len(answers)),
            "the same, each answer in 3 rows": (seconds(partial(by_processes, thrice)), len(answers) * COPIES),
            "SentenceTransformer.encode": (seconds(lambda: raw.encode(answers)), len(answers)),
            "a loop of encode and cos_sim": (seconds(loop), len(answers)),
        }
    print(f"\n{len(answers)} answers, {encoder.placement.dtype_name} on {encoder.placement.device}, no judge")
    for name, (time_, rows) in times.items():
        print(f"{name:<32} {rows / time_:7.0f} rows/s")
    one, many, _, encoded, looped = (time_ for time_, _ in times.values())
    print(f"beside encode, by each           {encoded / one:7.2f} {encoded / many:.2f} (aim: 0.8 or more)")
    print(f"beside the loop, by each         {looped / one:7.2f} {looped / many:.2f} (aim: 3 or more)")
    assert encoded / one > 0.2  # answers graded one by one fall below; a machine's bad minute does not


def test_time_grows_as_the_table_and_memory_does_not(tmp_path: Path) -> None:
    """Different answers, a grader that does nothing, each table in a process of its own."""
    print()
    taken, memory = {}, {}
    rows = 1000
    while rows <= LARGEST:
        path = tmp_path / f"{rows}.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("id", "question_id", "answer"))
            writer.writerows((place, "tiny-1", f"Answer {place}:\n" + "many words, " * 20) for place in range(rows))
        command = [sys.executable, __file__, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=process_environment())
        taken[rows], memory[rows] = map(float, done.stdout.split())
        megabytes = memory[rows]
        print(f"{rows:>9,} rows  {taken[rows]:7.1f} s  {rows / taken[rows]:7.0f} rows/s  {megabytes:5.0f} MB at most")
        path.unlink()
        rows *= 10
    assert max(memory.values()) < 1500
    assert max(memory.values()) - min(memory.values()) < 300


def test_what_the_cluster_engine_itself_costs(tmp_path: Path) -> None:
    """Processor time of the one process that reads and of the one that keeps, of different answers, a window a time."""
    rows = min(LARGEST, 100_000)
    answers = (Row(n, {"question_id": "tiny-1", "answer": f"Answer {n}: " + "many words, " * 20}) for n in range(rows))
    columns = {"question_id": "question_id", "answer": "answer"}
    begin = time.process_time()
    sent = [to_arrow(window) for window in numbered(windows(answers, columns), 0)]
    read = time.process_time() - begin
    (grade,) = StubGrader().grade_many([GradeRequest(question_id="tiny-1", answer="x")])
    outcome_ = dumped(outcome(grade))
    graded = [to_arrow(replace(w, texts=dict.fromkeys(w.texts, outcome_))) for one in sent for w in from_arrow(one)]
    begin = time.process_time()
    with Ledger.open(tmp_path / "ledger") as ledger:
        for window in in_order((w for one in graded for w in from_arrow(one)), 0, rows):
            ledger.keep(window.lines, window.texts.items())
        assert ledger.done == rows
        kept = time.process_time() - begin
        begin = time.process_time()
        write_rows(target_of(tmp_path / "graded.csv"), list(columns), {}, ledger.finished())
        written = time.process_time() - begin
    print(f"\nof a cluster's batch, rows/s: {rows / read:,.0f} read and numbered, {rows / kept:,.0f} kept", end="")
    print(
        f", {rows / written:,.0f} written; {(tmp_path / 'ledger').stat().st_size / rows:,.0f} bytes of progress a row"
    )


@pytest.mark.model
@pytest.mark.parametrize("judge", ["off", "claims-3"])
def test_the_cluster_engine_beside_the_local_one(judge: str, library: Library, tmp_path: Path) -> None:
    """Loading left out: the rates from a quarter of the rows on."""
    import ray  # noqa: PLC0415 (the others do without)

    from grader.batch.cluster.engine import cluster_engine  # noqa: PLC0415 (as above)

    path, count = tmp_path / "answers.parquet", ANSWERS if judge == "off" else ANSWERS // 2
    write_requests(path, different_answers(library, count))
    os.environ["PYTHONPATH"] = process_environment()["PYTHONPATH"]
    make = partial(make_real_grader, "cpu", judge, tmp_path / "cache")
    grader = make()
    grader.grade_many(different_answers(library, 200))

    def rate(engine: Engine, output: Path) -> float:
        moments: list[float] = []
        assert grade_table_by(engine, source_of(path), target_of(output), lambda: bool(moments.append(time.time())))
        return steady_rate(moments, count)[0]

    begin = time.process_time()
    here = rate(local_engine(grader), tmp_path / "here.csv")
    spent = (time.process_time() - begin) / count
    with ray.init("local", include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR):
        processes = Share(1).fit([ray.cluster_resources()])
        there = rate(cluster_engine(make, Share(1), identify(lambda: grader)), tmp_path / "there.csv")
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    print(f"\nthe local engine, judge {judge:<16} {here:7.0f} rows/s, {1000 * spent:.1f} ms of a processor a row")
    print(f"{processes} processes of a cluster, judge {judge:<5} {there:7.0f} rows/s")


if __name__ == "__main__":
    table = Path(sys.argv[1])
    stub = StubGrader()
    spent = seconds(lambda: grade_table(source_of(table), target_of(table.with_suffix(".out.csv")), stub))
    # not getrusage: what it tells a program of was its parent's before it began
    peak = Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0]
    print(spent, int(peak) / 1024)
