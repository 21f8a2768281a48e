"""How busy grading keeps a GPU, and how fast it is beside raw encoding and beside the tokenizer alone.

`GRADER_BENCH_DEVICE=cpu` runs the same without one, where `nvidia-smi` is stood in for: the figures mean nothing then.
"""

from __future__ import annotations

import logging
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow.parquet
import pytest
import torch
from batches import (
    different_answers,
    grade_table_by,
    make_real_grader,
    process_environment,
    source_of,
    steady_rate,
    target_of,
    write_requests,
)
from sentence_transformers import SentenceTransformer

from grader.bank.library import Library
from grader.encoders.judge import load_judge
from grader.encoders.sentence import SentenceEncoder, load_encoder
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = [pytest.mark.model, pytest.mark.bench, pytest.mark.gpu]

DEVICE = os.environ.get("GRADER_BENCH_DEVICE", "cuda")
ANSWERS = int(os.environ.get("GRADER_BENCH_ANSWERS", "20000"))
SECONDS = float(os.environ.get("GRADER_BENCH_SECONDS", "15"))
BUSY = [
    "nvidia-smi",
    "--query-gpu=timestamp,utilization.gpu",
    "--format=csv,noheader,nounits",
    "--id=0",
    "--loop-ms=100",
]


@dataclass(frozen=True)
class Measured:
    """Answers per second, and the share of the time in which the GPU computed."""

    told: str
    rate: float
    share: float

    def __str__(self) -> str:
        return f"{self.told:<44} {self.rate:9,.0f} answers/s   GPU computes {self.share:4.0%} of the time"


@pytest.fixture(scope="module", autouse=True)
def gpu() -> None:
    if DEVICE == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    if shutil.which(BUSY[0]) is None:
        pytest.skip("nvidia-smi, which tells how busy a GPU is, is not here")


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load_encoder("all-MiniLM-L6-v2", DEVICE, "auto")


@pytest.fixture(scope="module")
def requests(library: Library) -> list[GradeRequest]:
    return different_answers(library, ANSWERS)


@contextmanager
def busy() -> Iterator[Callable[[float], float]]:
    """The share of the time since a moment in which kernels ran, by NVIDIA's own count; to be asked at the end."""
    with tempfile.TemporaryFile("w+") as told:
        watching = subprocess.Popen(BUSY, stdout=told)

        def share(since: float) -> float:
            watching.terminate()
            watching.wait()
            told.seek(0)
            samples = (line.split(", ") for line in told if line.strip())
            return statistics.mean(float(percent) for moment, percent in samples if _seconds(moment) >= since) / 100

        yield share


def measure(told: str, work: Callable[[], object], answers: int) -> Measured:
    """Work done again and again for some seconds, after once to warm up."""
    work()
    with busy() as share:
        begin, rounds = time.time(), 0
        while rounds == 0 or time.time() - begin < SECONDS:
            work()
            rounds += 1
        taken = time.time() - begin
        return Measured(told, rounds * answers / taken, share(begin))


def test_grading_in_one_process(encoder: SentenceEncoder, library: Library, requests: list[GradeRequest]) -> None:
    answers = [request.answer for request in requests]
    raw = SentenceTransformer(
        str(encoder.files.folder),
        device=DEVICE,
        local_files_only=True,
        model_kwargs={"dtype": encoder.placement.dtype},
    )
    graders = {
        "grade_many": Grader(library, encoder),
        "grade_many, with the judge": Grader(library, encoder, load_judge("claims-3", DEVICE, "auto")),
    }
    works: dict[str, Callable[[], object]] = {
        "the tokenizer alone": lambda: raw.tokenizer(answers),
        "SentenceTransformer.encode": lambda: raw.encode(answers, batch_size=512),
        "our encoder": lambda: encoder.encode(answers),
        **{told: partial(grader.grade_many, requests) for told, grader in graders.items()},
    }
    words = statistics.mean(len(answer.split()) for answer in answers)
    print(f"\n{len(answers):,} answers of {words:.0f} words, {encoder.placement.dtype_name} on {_name()}")
    rates = {}
    for told, work in works.items():
        measured = measure(told, work, len(answers))
        rates[told] = measured.rate
        print(measured)
    for told in graders:
        beside = ", ".join(f"{rates[told] / rates[other]:.2f} of {other}" for other in list(works)[:2])
        print(f"{told}: {beside}")
    assert min(rates.values()) > 0


@pytest.mark.parametrize("judge", ["off", "claims-3"])
def test_grading_in_processes_that_share_the_gpu(judge: str, requests: list[GradeRequest], tmp_path: Path) -> None:
    """Whole batches by the cluster engine on this machine, from a quarter of the rows on: all processes work then."""
    import ray  # noqa: PLC0415 (the test above does without)

    from grader.batch.cluster.engine import ask_identity, cluster_engine  # noqa: PLC0415 (as above)
    from grader.batch.cluster.share import Share  # noqa: PLC0415 (as above)

    path = tmp_path / "answers.parquet"
    write_requests(path, requests)
    make = partial(make_real_grader, DEVICE, judge, tmp_path)
    os.environ["PYTHONPATH"] = process_environment()["PYTHONPATH"]
    print(f"\nwhole batches, judge {judge}")
    with ray.init("local", include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR):
        cores = int(ray.cluster_resources()["CPU"])
        for processes in (count for count in (1, 2, 4, 8, 16) if count <= cores):
            each = Share(1, 1 / processes if DEVICE == "cuda" else None)
            engine = cluster_engine(make, each, ask_identity(make, each))
            windows: list[float] = []
            target = target_of(tmp_path / f"graded-{judge}-{processes}.parquet")
            with busy() as share:
                grade_table_by(engine, source_of(path), target, lambda: bool(windows.append(time.time())))  # noqa: B023 (used at once)
                rate, since = steady_rate(windows, len(requests))
                print(Measured(f"{processes} processes on one GPU", rate, share(since)))
            assert pyarrow.parquet.read_metadata(target.output).num_rows == len(requests)


def _seconds(moment: str) -> float:
    """A moment as nvidia-smi writes it, in the machine's own time, since the epoch."""
    return datetime.strptime(moment, "%Y/%m/%d %H:%M:%S.%f").astimezone().timestamp()


def _name() -> str:
    return torch.cuda.get_device_name() if DEVICE == "cuda" else DEVICE
