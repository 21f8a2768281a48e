"""Witnessing: find the question, read and encode its answers, ask the judge; nothing is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cachetools import LRUCache
from threadpoolctl import ThreadpoolController

from grader.bank.draft import draft_rubrics
from grader.bank.library import Library
from grader.bank.question import Bank, Question
from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder, Judge
from grader.errors import AnswerTooLong, NotText
from grader.request import Found, GradeRequest, find_question
from grader.signals.encoded import EncodedText, encode_texts
from grader.signals.judge import Asked, Opinions, judge_answers
from grader.signals.prepared import PreparedQuestion, prepare
from grader.signals.reference import profile, read_against_nearest
from grader.signals.witnesses import Witnesses, witness
from grader.text.reading import Reading, read

AT_ONCE = 512
"""So many answers are witnessed at once at most: their vectors are in memory together."""

_PREPARED_KEPT = 2048  # rubrics that stay in memory, the least recently used leaving first: about 2 MB each


@dataclass(frozen=True, slots=True)
class Task:
    """An answer, read, and the rubrics it may be graded by.

    Attributes:
        bank: that holds the question; None for one that came with the answer.
        drafted: whether its criteria are drafts made from a reference.
        rubrics: one, or one drafted from each reference.
    """

    request: GradeRequest
    reading: Reading
    bank: Bank | None
    drafted: bool
    rubrics: tuple[PreparedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An answer, the rubric that it is graded by, and what is measured by it."""

    task: Task
    question: Question
    witnesses: Witnesses


class Witnessing:
    """Measures answers to the questions of a library, or to questions sent along.

    Args:
        library: the banks.
        encoder: texts to vectors.
        judge: what reads answers against statements; None measures without one.
        max_answer_bytes: the longest answer, in bytes of UTF-8.
        cache: where encoded questions are kept between runs; None keeps them in memory only.

    What is measured of an answer depends on it, its question and the models alone: not on the batch, nor on what came
    before. Not safe for use by several threads at once.
    """

    def __init__(
        self,
        library: Library,
        encoder: Encoder,
        judge: Judge | None = None,
        *,
        max_answer_bytes: int = 100_000,
        cache: EncodingCache | None = None,
    ) -> None:
        self.library = library
        self.encoder = encoder
        self.cache = cache
        self._judge = judge
        self._max_answer_bytes = max_answer_bytes
        self._threads = ThreadpoolController()
        self._prepared: LRUCache[str, PreparedQuestion] = LRUCache(_PREPARED_KEPT)

    def start(self, request: GradeRequest, found: Found | None = None) -> Task:
        """Read an answer and make its question ready; `found` is the question, where the caller has looked it up.

        Raises:
            UnknownQuestion: no bank holds the question.
            UnusableQuestion: the question that is sent along cannot be one.
            AnswerTooLong: the answer is beyond the limit.
            NotText: the answer holds lone surrogates.
        """
        bank, question = found or find_question(self.library, request)
        self._check_answer(request.answer)
        rubrics = tuple(self._prepare(rubric) for rubric in draft_rubrics(question))
        return Task(request, read(request.answer), bank, question.is_drafted, rubrics)

    def witness(self, tasks: Sequence[Task]) -> Iterator[Witnessed]:
        """Each task with the rubric that it is graded by and what is measured by it, in order; `AT_ONCE` at most."""
        encoded = encode_texts([task.reading for task in tasks], self.encoder)
        with self._one_thread():
            asked = [
                Asked(answer, _nearest(task.rubrics, answer), task.drafted)
                for task, answer in zip(tasks, encoded, strict=True)
            ]
        opinions = self._opinions(asked)
        with self._one_thread():
            for task, one, judged in zip(tasks, asked, opinions, strict=True):
                rubric = one.question
                yield Witnessed(task, rubric.question, witness(one.answer, rubric, judged, drafted=one.drafted))

    def witness_many(self, requests: Sequence[GradeRequest]) -> list[Witnesses]:
        """What is measured of answers, in order.

        Raises:
            UnknownQuestion, UnusableQuestion, AnswerTooLong, NotText: for the first answer that cannot be graded.
        """
        parts = (requests[first : first + AT_ONCE] for first in range(0, len(requests), AT_ONCE))
        return [found.witnesses for part in parts for found in self.witness([self.start(one) for one in part])]

    def _one_thread(self) -> AbstractContextManager[object]:
        """Products of small matrices in one thread: on a busy machine the threads of a BLAS wait for each other."""
        limited: AbstractContextManager[object] = self._threads.limit(limits=1, user_api="blas")
        return limited

    def _opinions(self, asked: Sequence[Asked]) -> Sequence[Opinions | None]:
        return [None] * len(asked) if self._judge is None else judge_answers(self._judge, asked)

    def _check_answer(self, answer: str) -> None:
        try:
            size = len(answer.encode())
        except UnicodeEncodeError as error:
            raise NotText(f"the answer is not Unicode text: lone surrogate at code point {error.start}") from error
        if size > self._max_answer_bytes:
            raise AnswerTooLong(size, self._max_answer_bytes)

    def _prepare(self, rubric: Question) -> PreparedQuestion:
        key = rubric.content_hash
        found = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = prepare(rubric, self.encoder, self.cache)
        return found


def _nearest(rubrics: tuple[PreparedQuestion, ...], answer: EncodedText) -> PreparedQuestion:
    """Of rubrics drafted from several references, the one whose reference the answer comes nearest to."""
    if len(rubrics) == 1:
        return rubrics[0]
    compared = profile(answer, rubrics[0].text)
    return max(rubrics, key=lambda rubric: read_against_nearest(compared, rubric.references).nearness)
