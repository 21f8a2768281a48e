"""Grading: find the question, encode the answers, witness, judge, tell."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, replace
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from threadpoolctl import ThreadpoolController

from grader.bank.draft import draft_rubrics
from grader.bank.library import Library
from grader.bank.question import Bank, MisplacedError, Question, dotted
from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder, Judge
from grader.errors import AnswerTooLong, Fault, GraderError, NotText, UnusableQuestion
from grader.grade import Failure, Grade, RemoteNote, RemoteOutcome, ungraded
from grader.llm.opinion import Case, Heard, RemoteJudge, RemoteOpinion, Unscored
from grader.request import GradeRequest
from grader.rooms import models_folder
from grader.scoring.calibration import Calibration, load_calibration
from grader.scoring.combine import Judgement, decide
from grader.scoring.remote import Mode, is_asked, standing
from grader.scoring.result import Basis, Models, Origin, assemble
from grader.scoring.scale import Scales, rescale, text_key
from grader.signals.encoded import EncodedText, encode_texts
from grader.signals.exemplars import nearest_exemplars
from grader.signals.judge import Asked, Opinions, judge_answers
from grader.signals.prepared import PreparedQuestion, prepare
from grader.signals.reference import profile, read_against_nearest
from grader.signals.witnesses import Witnesses, witness
from grader.text.reading import Reading, read

_PREPARED_KEPT = 2048  # rubrics that stay in memory, the least recently used leaving first: about 2 MB each
_AT_ONCE = 512  # answers whose vectors are in memory together

_ADHOC_ID = "sent-along"

Found: TypeAlias = tuple[Bank | None, Question]
"""A question, and its bank; None for a question that was sent along."""


@dataclass(frozen=True, slots=True)
class _Task:
    """An answer, read, and the rubrics it may be graded by: one, or one drafted from each reference."""

    place: int
    request: GradeRequest
    reading: Reading
    origin: Origin
    rubrics: tuple[PreparedQuestion, ...]


@dataclass(frozen=True, slots=True)
class _Graded:
    """An answer with its local grade, and what that rests on."""

    task: _Task
    question: Question
    witnesses: Witnesses
    grade: Grade


class Grader:
    """Grades answers to the questions of a library, or to questions sent along.

    Args:
        library: the banks.
        encoder: texts to vectors.
        judge: what reads answers against statements; None grades without one: sooner, and less well.
        threshold: the pass mark, a score in [0, 1].
        max_answer_bytes: the longest answer, in bytes of UTF-8.
        cache: where encoded questions are kept between runs; None keeps them in memory only.
        calibration: what is learnt of scoring; None takes the project's own, with or without a judge.
        scales: a marker's scales, to which scores are moved; None leaves them.
        remote: a language model that is asked after all local grades are made; None asks none.
        remote_mode: which answers it is asked about: those whose local grade needs review, or all.

    Raises:
        CalibrationError: the project's own calibration cannot be read.
        ScaleMismatch: the scales were learnt on scores of other models.

    Grades depend on the request, the bank, the encoder and the settings alone: not on the batch, nor on what was
    graded before. Not safe for use by several threads at once.
    """

    def __init__(  # noqa: PLR0913 (two say what is graded by what; the others have defaults)
        self,
        library: Library,
        encoder: Encoder,
        judge: Judge | None = None,
        *,
        threshold: float = 0.6,
        max_answer_bytes: int = 100_000,
        cache: EncodingCache | None = None,
        calibration: Calibration | None = None,
        scales: Scales | None = None,
        remote: RemoteJudge | None = None,
        remote_mode: Mode = "review",
    ) -> None:
        learnt = calibration or load_calibration(
            models_folder() / "calibration" / ("unjudged.json" if judge is None else "judged.json")
        )
        self._judge = judge
        judged_by = None if judge is None else judge.identity
        models = Models(encoder.identity, judged_by, learnt.name, None if scales is None else scales.content_hash)
        if scales is not None:
            scales.check(models.named)
        self._scales = scales
        self._remote, self._remote_mode = remote, remote_mode
        self._basis = Basis(models, learnt, threshold)
        self._library = library
        self._encoder = encoder
        self._max_answer_bytes = max_answer_bytes
        self._cache = cache
        self._threads = ThreadpoolController()
        self._prepared: OrderedDict[str, PreparedQuestion] = OrderedDict()

    @property
    def library(self) -> Library:
        """The banks it grades by."""
        return self._library

    @property
    def encoder(self) -> Encoder:
        """What makes its vectors."""
        return self._encoder

    @property
    def models(self) -> Models:
        """What its grades rest on, as receipts call it."""
        return self._basis.models

    def asking(self, remote: RemoteJudge, mode: Mode) -> Grader:
        """The same grader, that asks a language model too."""
        grader = copy(self)
        grader._remote, grader._remote_mode = remote, mode  # noqa: SLF001 (its own copy)
        return grader

    def grade(self, request: GradeRequest) -> Grade:
        """Grade one answer.

        Raises:
            UnknownQuestion: no bank holds the question.
            UnusableQuestion: the question that is sent along cannot be one.
            AnswerTooLong: the answer is beyond the limit.
            NotText: the answer holds lone surrogates.
            RemoteJudgeError: the language model cannot be asked as it is set up.
        """
        task = self._start(0, request)
        encoded = encode_texts([task.reading], self._encoder)
        ((_, grade),) = self._finish([task], encoded)
        return grade

    def grade_many(self, requests: Sequence[GradeRequest], found: Sequence[Found] | None = None) -> list[Grade]:
        """Grade answers in order. One that cannot be graded has an `error` in its place; the others are not touched.

        `found` are their questions, one for each, where the caller has looked them up already (see `find_question`).

        Raises:
            RemoteJudgeError: the language model cannot be asked as it is set up.
        """
        grades: dict[int, Grade] = {}
        for first in range(0, len(requests), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            tasks = self._start_many(requests[part], found[part] if found else None, first, grades)
            encoded = encode_texts([task.reading for task in tasks], self._encoder)
            grades.update(self._finish(tasks, encoded))
        return [grades[place] for place in range(len(requests))]

    def witness_many(self, requests: Sequence[GradeRequest]) -> list[Witnesses]:
        """What the grades of answers rest on, before anything is decided; in order.

        Raises:
            UnknownQuestion, UnusableQuestion, AnswerTooLong, NotText: for the first answer that cannot be graded.
        """
        witnesses: list[Witnesses] = []
        for first in range(0, len(requests), _AT_ONCE):
            tasks = [self._start(place, request) for place, request in enumerate(requests[first : first + _AT_ONCE])]
            encoded = encode_texts([task.reading for task in tasks], self._encoder)
            witnesses.extend(found for _, _, found in self._witness(tasks, encoded))
        return witnesses

    def _start(self, place: int, request: GradeRequest, found: Found | None = None) -> _Task:
        bank, question = found or find_question(self._library, request)
        self._check_answer(request.answer)
        rubrics = self._rubrics(question)
        return _Task(place, request, read(request.answer), Origin(bank, drafted=question.is_drafted), rubrics)

    def _start_many(
        self, requests: Sequence[GradeRequest], found: Sequence[Found] | None, first: int, failed: dict[int, Grade]
    ) -> list[_Task]:
        """The tasks of those that can be graded; the others go to `failed`, each in its place."""
        tasks: list[_Task] = []
        for place, request in enumerate(requests):
            try:
                tasks.append(self._start(first + place, request, found[place] if found else None))
            except GraderError as error:
                failure = Failure(kind=type(error).__name__, message=str(error))
                failed[first + place] = ungraded(request.question_id, request.candidate_id, request.metadata, failure)
        return tasks

    def _one_thread(self) -> AbstractContextManager[object]:
        """Products of small matrices in one thread: on a busy machine the threads of a BLAS wait for each other."""
        limited: AbstractContextManager[object] = self._threads.limit(limits=1, user_api="blas")
        return limited

    def _finish(self, tasks: Sequence[_Task], encoded: Sequence[EncodedText]) -> Iterator[tuple[int, Grade]]:
        local = (self._decide(task, question, witnesses) for task, question, witnesses in self._witness(tasks, encoded))
        for one in local if self._remote is None else self._revise(list(local), self._remote):
            told = {"candidate_id": one.task.request.candidate_id, "metadata": one.task.request.metadata}
            yield one.task.place, one.grade.model_copy(update=told)

    def _decide(
        self,
        task: _Task,
        question: Question,
        witnesses: Witnesses,
        heard: tuple[RemoteOpinion, RemoteNote] | tuple[None, None] = (None, None),
    ) -> _Graded:
        opinion, note = heard
        judgement = decide(question, witnesses, self._basis.learnt, opinion, drafted=task.origin.drafted)
        judgement = self._on_scale(judgement, task.origin.bank, question)
        grade = assemble(question, task.origin, witnesses, judgement, self._basis, note)
        return _Graded(task, question, witnesses, grade)

    def _revise(self, local: Sequence[_Graded], remote: RemoteJudge) -> list[_Graded]:
        """The grades with the language model's verdicts in those that it is asked about, shortest answers first."""
        asked = [place for place, one in enumerate(local) if is_asked(one.grade, one.witnesses, self._remote_mode)]
        asked.sort(key=lambda place: len(local[place].task.reading.text))
        heard = remote.opinions([self._case(local[place]) for place in asked])
        revised = list(local)
        for place, one in zip(asked, heard, strict=True):
            revised[place] = self._revised(local[place], one, remote.identity)
        return revised

    def _case(self, one: _Graded) -> Case:
        """Examples are judged by the criteria that a person wrote: they say nothing of drafted ones."""
        if one.task.origin.drafted:
            return Case(one.question, one.task.reading)
        examples = nearest_exemplars(one.witnesses.answer, one.question, self._encoder, self._cache)
        return Case(one.question, one.task.reading, examples)

    def _revised(self, local: _Graded, heard: Heard, judge: str) -> _Graded:
        if isinstance(heard, Unscored):
            return replace(local, grade=standing(local.grade, judge, heard))
        note = RemoteNote(judge=judge, outcome=RemoteOutcome.JUDGED, voided=heard.voided)
        return self._decide(local.task, local.question, local.witnesses, (heard, note))

    def _on_scale(self, judgement: Judgement, bank: Bank | None, question: Question) -> Judgement:
        if self._scales is None:
            return judgement
        key, pool = (text_key(question.question), None) if bank is None else (question.id, bank.bank)
        return rescale(judgement, self._scales.of(key, pool))

    def _witness(
        self, tasks: Sequence[_Task], encoded: Sequence[EncodedText]
    ) -> Iterator[tuple[_Task, Question, Witnesses]]:
        """Each task with the rubric that it is graded by and what is measured by it."""
        with self._one_thread():
            asked = [
                Asked(answer, _nearest(task.rubrics, answer), task.origin.drafted)
                for task, answer in zip(tasks, encoded, strict=True)
            ]
        opinions = self._opinions(asked)
        with self._one_thread():
            for task, one, judged in zip(tasks, asked, opinions, strict=True):
                rubric = one.question
                yield task, rubric.question, witness(one.answer, rubric, judged, drafted=one.drafted)

    def _opinions(self, asked: Sequence[Asked]) -> Sequence[Opinions | None]:
        return [None] * len(asked) if self._judge is None else judge_answers(self._judge, asked)

    def _check_answer(self, answer: str) -> None:
        try:
            size = len(answer.encode())
        except UnicodeEncodeError as error:
            raise NotText(f"the answer is not Unicode text: lone surrogate at code point {error.start}") from error
        if size > self._max_answer_bytes:
            raise AnswerTooLong(size, self._max_answer_bytes)

    def _rubrics(self, question: Question) -> tuple[PreparedQuestion, ...]:
        return tuple(self._prepare(rubric) for rubric in draft_rubrics(question))

    def _prepare(self, rubric: Question) -> PreparedQuestion:
        key = rubric.content_hash
        if key not in self._prepared:
            self._prepared[key] = prepare(rubric, self._encoder, self._cache)
            if len(self._prepared) > _PREPARED_KEPT:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end(key)
        return self._prepared[key]


def find_question(library: Library, request: GradeRequest) -> Found:
    """The question that a request names, or the one that it brings.

    Raises:
        UnknownQuestion: the library does not hold it.
        UnusableQuestion: the one that it brings cannot be a question; with the path of each fault.
    """
    if request.question_id is not None:
        return library.question(request.question_id)
    try:
        return None, Question(
            id=_ADHOC_ID,
            question=request.question or "",
            references=request.references,
            criteria=request.criteria,
            misconceptions=request.misconceptions,
            max_points=request.max_points,
        )
    except ValidationError as error:
        raise UnusableQuestion([_fault(detail) for detail in error.errors(include_url=False)]) from error


def _fault(detail: ErrorDetails) -> Fault:
    cause = detail.get("ctx", {}).get("error")
    place, reason = detail["loc"], detail["msg"].removeprefix("Value error, ")
    if isinstance(cause, MisplacedError):
        place, reason = place + cause.place, cause.reason
    return Fault("question", None, dotted(place), reason)


def _nearest(rubrics: tuple[PreparedQuestion, ...], answer: EncodedText) -> PreparedQuestion:
    """Of rubrics drafted from several references, the one whose reference the answer comes nearest to."""
    if len(rubrics) == 1:
        return rubrics[0]
    compared = profile(answer, rubrics[0].text)
    return max(rubrics, key=lambda rubric: read_against_nearest(compared, rubric.references).nearness)
