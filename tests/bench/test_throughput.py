"""How fast grading is, as ratios within one run: beside raw encoding, and beside importing and loading."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from grader.bank.library import Library, load_library
from grader.encoders.cache import EncodingCache
from grader.encoders.judge import load_judge
from grader.encoders.sentence import SentenceEncoder, load_encoder
from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = [pytest.mark.model, pytest.mark.bench]

ROUNDS = 3


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load_encoder("all-MiniLM-L6-v2", "auto", "auto")


@pytest.fixture(scope="module")
def raw(encoder: SentenceEncoder) -> SentenceTransformer:
    """The same model by its own library, with the same dtype."""
    return SentenceTransformer(
        str(encoder.files.folder),
        device=encoder.placement.device,
        local_files_only=True,
        model_kwargs={"dtype": encoder.placement.dtype},
    )


@pytest.fixture(scope="module")
def requests(library: Library) -> list[GradeRequest]:
    """Every exemplar of the banks."""
    return [
        GradeRequest(question_id=question.id, answer=exemplar.answer)
        for bank in library.banks
        for question in bank.questions
        for exemplar in question.exemplars
    ]


def ratio_beside_encoding(grader: Grader, raw: SentenceTransformer, requests: list[GradeRequest]) -> float:
    """How much of the rate of encoding whole answers grading has; both are timed in turn."""
    answers = [request.answer for request in requests]
    grader.grade_many(requests)
    raw.encode(answers)
    pairs = [
        (seconds(lambda: grader.grade_many(requests)), seconds(lambda: raw.encode(answers))) for _ in range(ROUNDS)
    ]
    graded, encoded = (len(answers) / statistics.median(times) for times in zip(*pairs, strict=True))
    words = statistics.mean(len(answer.split()) for answer in answers)
    print(f"\n{len(answers)} answers of {words:.0f} words, {'no' if grader.models.judge is None else 'with the'} judge")
    print(f"grade_many                  {graded:6.0f} answers/s")
    print(f"SentenceTransformer.encode  {encoded:6.0f} answers/s")
    return statistics.median(raw_time / grade_time for grade_time, raw_time in pairs)


def test_grading_beside_raw_encoding(
    encoder: SentenceEncoder, raw: SentenceTransformer, library: Library, requests: list[GradeRequest]
) -> None:
    ratio = ratio_beside_encoding(Grader(library, encoder), raw, requests)
    print(f"ratio                       {ratio:6.2f} (aim: 0.8 or more)")
    assert ratio > 0.25  # answers encoded one by one fall below; a machine's bad minute does not


def test_grading_with_the_judge_beside_raw_encoding(
    encoder: SentenceEncoder, raw: SentenceTransformer, library: Library, requests: list[GradeRequest]
) -> None:
    judge = load_judge("claims-3", "auto", "auto")
    ratio = ratio_beside_encoding(Grader(library, encoder, judge), raw, requests[::6])
    print(f"ratio                       {ratio:6.2f} (aim: 0.5 or more)")
    assert ratio > 0.02  # pairs judged one by one fall below


def test_one_grade_with_a_warm_cache(encoder: SentenceEncoder, tmp_path: Path) -> None:
    """What `grader grade` does beyond importing torch and loading the model: banks, question, answer, grade."""
    cache = EncodingCache(tmp_path)
    request = GradeRequest(question_id="ds25-11", answer="Dropout disables random neurons. " * 4)
    Grader(load_library(cache_dir=tmp_path), encoder, cache=cache).grade(request)
    times = [
        seconds(lambda: Grader(load_library(cache_dir=tmp_path), encoder, cache=cache).grade(request)) for _ in range(9)
    ]
    print(f"\none grade, banks read anew, warm cache  {statistics.median(times) * 1000:.0f} ms (aim: under 150)")


def test_commands_that_need_no_model_beside_starting_python() -> None:
    """`grader --help`, `bank list` and `bank lint --quick`, each a process of its own."""
    start = [sys.executable, "-c", "pass"]
    run = [sys.executable, "-c", "from grader.cli.app import main; main()"]
    base = statistics.median(seconds(lambda: subprocess.run(start, check=True)) for _ in range(ROUNDS))
    print(f"\npython alone             {base:.2f} s")
    for arguments in (["--help"], ["bank", "list"], ["bank", "lint", "--quick"]):
        command = [*run, *arguments]
        times = [seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(ROUNDS)]  # noqa: B023 (used at once)
        print(f"grader {' '.join(arguments):<17} {statistics.median(times):.2f} s (aim: under 0.6)")
