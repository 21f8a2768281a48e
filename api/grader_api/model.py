"""What the one model thread does: grade answers, and encode texts to search by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grader.encoders.protocol import Floats
from grader.grade import Grade
from grader.grading import Found, Grader
from grader.request import GradeRequest


@dataclass(frozen=True, slots=True)
class GradeJob:
    """An answer to grade, with its question."""

    request: GradeRequest
    found: Found


@dataclass(frozen=True, slots=True)
class EncodeJob:
    """Texts to encode."""

    texts: tuple[str, ...]


Job: TypeAlias = GradeJob | EncodeJob
Result: TypeAlias = Grade | tuple[Floats, ...]


def load_of(job: Job) -> int:
    """How many texts a job has."""
    return len(job.texts) if isinstance(job, EncodeJob) else 1


def model_work(grader: Grader) -> Callable[[Sequence[Job]], list[Result]]:
    """Jobs to results, in order: all answers in one pass of the encoder, all texts in another."""

    def work(jobs: Sequence[Job]) -> list[Result]:
        answers = [job for job in jobs if isinstance(job, GradeJob)]
        grades = iter(grader.grade_many([job.request for job in answers], [job.found for job in answers]))
        texts = [text for job in jobs if isinstance(job, EncodeJob) for text in job.texts]
        vectors = iter([encoding.vector for encoding in grader.encoder.encode(texts)] if texts else [])
        return [next(grades) if isinstance(job, GradeJob) else tuple(next(vectors) for _ in job.texts) for job in jobs]

    return work
