"""Grading: find the question, encode the answers, witness, judge, tell."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from itertools import repeat

from threadpoolctl import ThreadpoolController

from grader.bank.draft import draft_rubrics
from grader.bank.library import Library
from grader.bank.question import Bank, Question
from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder, Judge
from grader.errors import AnswerTooLong, GraderError, NotText
from grader.grade import Failure, Grade, RemoteNote, RemoteOutcome, ungraded
from grader.llm.opinion import Case, Heard, RemoteJudge, RemoteOpinion, Unscored
from grader.request import Found, GradeRequest, find_question
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


@dataclass(frozen=True, slots=True)
class _Task:
    """An answer, read, and the rubrics it may be graded by: one, or one drafted from each reference."""

    request: GradeRequest
    reading: Reading
    origin: Origin
    rubrics: tuple[PreparedQuestion, ...]


@dataclass(frozen=True, slots=True)
class _Witnessed:
    """An answer, the rubric that it is graded by, and what is measured by it."""

    task: _Task
    question: Question
    witnesses: Witnesses


@dataclass(frozen=True, slots=True)
class Draft:
    """A local grade, and what a language model is asked about it: None where it is not asked.

    What a revision needs beside is kept for `Grader.revise` alone.
    """

    grade: Grade
    case: Case | None = None
    witnessed: _Witnessed | None = None


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

    @property
    def _mode(self) -> Mode | None:
        """Which answers its own language model is asked about; None where it has none."""
        return None if self._remote is None else self._remote_mode

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
        (draft,) = self._draft([self._start(request)], self._mode)
        return self._judged([draft])[0]

    def grade_many(self, requests: Sequence[GradeRequest], found: Sequence[Found] | None = None) -> list[Grade]:
        """Grade answers in order. One that cannot be graded has an `error` in its place; the others are not touched.

        `found` are their questions, one for each, where the caller has looked them up already (see `find_question`).

        Raises:
            RemoteJudgeError: the language model cannot be asked as it is set up.
        """
        parts = range(0, len(requests), _AT_ONCE)
        return [grade for first in parts for grade in self._judged(self._drafts(requests, found, first, self._mode))]

    def draft_many(
        self, requests: Sequence[GradeRequest], found: Sequence[Found] | None = None, mode: Mode | None = None
    ) -> list[Draft]:
        """The local grades of answers, in order, for the caller to ask a language model about.

        `mode` says about which (None: about none). Neither here nor in `revise` is one asked; `found` as above.
        """
        parts = range(0, len(requests), _AT_ONCE)
        return [draft for first in parts for draft in self._drafts(requests, found, first, mode)]

    def revise(self, draft: Draft, heard: Heard, judge: str) -> Grade:
        """A grade with a language model's verdicts in it, or the local one with why it stands.

        Pure, and safe in any thread; `judge` is the model's name in receipts, the draft one with a case.
        """
        if isinstance(heard, Unscored):
            return standing(draft.grade, judge, heard)
        if draft.witnessed is None:
            raise ValueError("nothing was to be asked about this draft")
        note = RemoteNote(judge=judge, outcome=RemoteOutcome.JUDGED, voided=heard.voided)
        return self._decide(draft.witnessed, heard, note)

    def witness_many(self, requests: Sequence[GradeRequest]) -> list[Witnesses]:
        """What the grades of answers rest on, before anything is decided; in order.

        Raises:
            UnknownQuestion, UnusableQuestion, AnswerTooLong, NotText: for the first answer that cannot be graded.
        """
        witnesses: list[Witnesses] = []
        for first in range(0, len(requests), _AT_ONCE):
            tasks = [self._start(request) for request in requests[first : first + _AT_ONCE]]
            encoded = encode_texts([task.reading for task in tasks], self._encoder)
            witnesses.extend(found.witnesses for found in self._witness(tasks, encoded))
        return witnesses

    def _start(self, request: GradeRequest, found: Found | None = None) -> _Task:
        bank, question = found or find_question(self._library, request)
        self._check_answer(request.answer)
        rubrics = self._rubrics(question)
        return _Task(request, read(request.answer), Origin(bank, drafted=question.is_drafted), rubrics)

    def _drafts(
        self, requests: Sequence[GradeRequest], found: Sequence[Found] | None, first: int, mode: Mode | None
    ) -> list[Draft]:
        """The drafts of the part that begins with `first`."""
        part = slice(first, first + _AT_ONCE)
        started = [
            self._started(request, known)
            for request, known in zip(requests[part], found[part] if found else repeat(None), strict=False)
        ]
        drafts = self._draft([task for task in started if isinstance(task, _Task)], mode)
        return [next(drafts) if isinstance(one, _Task) else Draft(one) for one in started]

    def _started(self, request: GradeRequest, found: Found | None) -> _Task | Grade:
        try:
            return self._start(request, found)
        except GraderError as error:
            failure = Failure(kind=type(error).__name__, message=str(error))
            return ungraded(request.question_id, request.candidate_id, request.metadata, failure)

    def _one_thread(self) -> AbstractContextManager[object]:
        """Products of small matrices in one thread: on a busy machine the threads of a BLAS wait for each other."""
        limited: AbstractContextManager[object] = self._threads.limit(limits=1, user_api="blas")
        return limited

    def _draft(self, tasks: Sequence[_Task], mode: Mode | None) -> Iterator[Draft]:
        encoded = encode_texts([task.reading for task in tasks], self._encoder)
        for one in self._witness(tasks, encoded):
            grade = self._decide(one)
            if mode is not None and is_asked(grade, one.witnesses, mode):
                yield Draft(grade, self._case(one), one)
            else:
                yield Draft(grade)

    def _decide(self, one: _Witnessed, opinion: RemoteOpinion | None = None, note: RemoteNote | None = None) -> Grade:
        origin, request = one.task.origin, one.task.request
        judgement = decide(one.question, one.witnesses, self._basis.learnt, opinion, drafted=origin.drafted)
        judgement = self._on_scale(judgement, origin.bank, one.question)
        grade = assemble(one.question, origin, one.witnesses, judgement, self._basis, note)
        return grade.model_copy(update={"candidate_id": request.candidate_id, "metadata": request.metadata})

    def _judged(self, drafts: Sequence[Draft]) -> list[Grade]:
        """The grades with the language model's verdicts in those that it is asked about, shortest answers first."""
        grades = [draft.grade for draft in drafts]
        if self._remote is None:
            return grades
        cases = sorted(
            ((place, one.case) for place, one in enumerate(drafts) if one.case is not None),
            key=lambda asked: len(asked[1].reading.text),
        )
        heard = self._remote.opinions([case for _, case in cases])
        for (place, _), said in zip(cases, heard, strict=True):
            grades[place] = self.revise(drafts[place], said, self._remote.identity)
        return grades

    def _case(self, one: _Witnessed) -> Case:
        """Examples are judged by the criteria that a person wrote: they say nothing of drafted ones."""
        if one.task.origin.drafted:
            return Case(one.question, one.task.reading)
        examples = nearest_exemplars(one.witnesses.answer, one.question, self._encoder, self._cache)
        return Case(one.question, one.task.reading, examples)

    def _on_scale(self, judgement: Judgement, bank: Bank | None, question: Question) -> Judgement:
        if self._scales is None:
            return judgement
        key, pool = (text_key(question.question), None) if bank is None else (question.id, bank.bank)
        return rescale(judgement, self._scales.of(key, pool))

    def _witness(self, tasks: Sequence[_Task], encoded: Sequence[EncodedText]) -> Iterator[_Witnessed]:
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
                yield _Witnessed(task, rubric.question, witness(one.answer, rubric, judged, drafted=one.drafted))

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


def _nearest(rubrics: tuple[PreparedQuestion, ...], answer: EncodedText) -> PreparedQuestion:
    """Of rubrics drafted from several references, the one whose reference the answer comes nearest to."""
    if len(rubrics) == 1:
        return rubrics[0]
    compared = profile(answer, rubrics[0].text)
    return max(rubrics, key=lambda rubric: read_against_nearest(compared, rubric.references).nearness)
