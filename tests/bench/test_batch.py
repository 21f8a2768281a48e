"""How fast a batch is: beside raw encoding, beside the loop that people write, and as it grows; ratios of one run."""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from batches import CountingGrader, grade_table, process_environment, source_of, target_of
from fakes import DROPOUT_BANK
from sentence_transformers import SentenceTransformer, util

from grader.bank.library import Library
from grader.encoders.cache import EncodingCache
from grader.encoders.hashing import HashingEncoder
from grader.encoders.sentence import load_encoder
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = [pytest.mark.bench, pytest.mark.batch]

ANSWERS = int(os.environ.get("GRADER_BENCH_ANSWERS", "1800"))
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


@pytest.mark.model
def test_a_batch_beside_raw_encoding_and_beside_the_loop_that_people_write(library: Library, tmp_path: Path) -> None:
    """Answers of the banks, each different, and again with every answer in three rows."""
    encoder = load_encoder("all-MiniLM-L6-v2", "auto", "auto")
    exemplars = [(q, e.answer) for bank in library.banks for q in bank.questions for e in q.exemplars][:ANSWERS]
    once, thrice = tmp_path / "once.csv", tmp_path / "thrice.csv"
    for path, copies in ((once, 1), (thrice, COPIES)):
        with path.open("w", newline="", encoding="utf-8") as stream:
            rows = [(question.id, answer) for question, answer in exemplars] * copies
            csv.writer(stream).writerows([("question_id", "answer"), *rows])
    options = {"device": encoder.placement.device, "local_files_only": True}
    raw = SentenceTransformer(str(encoder.files.folder), model_kwargs={"dtype": encoder.placement.dtype}, **options)
    plain = SentenceTransformer(str(encoder.files.folder), **options)
    grader = Grader(library, encoder, cache=EncodingCache(tmp_path / "cache"))
    answers = [answer for _, answer in exemplars]
    references = {question.id: plain.encode(question.references[0]) for question, _ in exemplars}

    def batch(path: Path) -> Callable[[], object]:
        return lambda: grade_table(source_of(path), target_of(path.with_suffix(".out.csv")), grader)  # type: ignore[arg-type]

    def loop() -> None:
        for question, answer in exemplars:
            util.cos_sim(plain.encode(answer), references[question.id])

    batch(once)()
    raw.encode(answers[:64])
    times = {
        "batch, each answer once": (seconds(batch(once)), len(answers)),
        "batch, each answer in 3 rows": (seconds(batch(thrice)), len(answers) * COPIES),
        "SentenceTransformer.encode": (seconds(lambda: raw.encode(answers)), len(answers)),
        "a loop of encode and cos_sim": (seconds(loop), len(answers)),
    }
    print(f"\n{len(answers)} answers, {encoder.placement.dtype_name} on {encoder.placement.device}, no judge")
    for told, (time_, rows) in times.items():
        print(f"{told:<30} {rows / time_:7.0f} rows/s")
    graded, encoded, looped = (times[name][0] for name in list(times)[0:4:1] if name != "batch, each answer in 3 rows")
    print(f"beside encode                  {encoded / graded:7.2f} (aim: 0.8 or more)")
    print(f"beside the loop                {looped / graded:7.2f} (aim: 3 or more)")
    assert encoded / graded > 0.2  # answers graded one by one fall below; a machine's bad minute does not


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


if __name__ == "__main__":
    table = Path(sys.argv[1])
    stub = StubGrader()
    spent = seconds(lambda: grade_table(source_of(table), target_of(table.with_suffix(".out.csv")), stub))
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
