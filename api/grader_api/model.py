"""What the one model thread does: grade answers, and encode texts to search by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grader.encoders.protocol import Floats
from grader.grading import Draft, Grader
from grader.request import Found, GradeRequest
from grader.scoring.remote import Mode


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
Result: TypeAlias = Draft | tuple[Floats, ...]


def load_of(job: Job) -> int:
    """How many texts a job has."""
    return len(job.texts) if isinstance(job, EncodeJob) else 1


def model_work(grader: Grader, mode: Mode | None) -> Callable[[Sequence[Job]], list[Result]]:
    """Jobs to results, in order: all answers in one pass of the encoder, all texts in another.

    `mode` says which answers a language model is to be asked about; it is not asked here.
    """

    def work(jobs: Sequence[Job]) -> list[Result]:
        answers = [job for job in jobs if isinstance(job, GradeJob)]
        drafts = iter(grader.draft_many([job.request for job in answers], [job.found for job in answers], mode))
        texts = [text for job in jobs if isinstance(job, EncodeJob) for text in job.texts]
        vectors = iter([encoding.vector for encoding in grader.encoder.encode(texts)] if texts else [])
        return [next(drafts) if isinstance(job, GradeJob) else tuple(next(vectors) for _ in job.texts) for job in jobs]

    return work
