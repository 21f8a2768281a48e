"""Grading: witness the answers, decide, ask a language model where one is set, tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import repeat

from grader.bank.library import Library
from grader.bank.question import Bank, Question
from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder, Judge
from grader.errors import GraderError
from grader.grade import Failure, Grade, RemoteNote, RemoteOutcome, ungraded
from grader.llm.opinion import Case, Heard, RemoteJudge, RemoteOpinion, Unscored
from grader.request import Found, GradeRequest
from grader.rooms import models_folder
from grader.scoring.calibration import Calibration, load_calibration
from grader.scoring.combine import Judgement, decide
from grader.scoring.remote import Mode, is_asked, standing
from grader.scoring.result import Basis, Models, Origin, assemble
from grader.scoring.scale import Scales, rescale, text_key
from grader.signals.exemplars import nearest_exemplars
from grader.witnessing import AT_ONCE, Task, Witnessed, Witnessing


@dataclass(frozen=True, slots=True)
class Draft:
    """A local grade, and what a language model is asked about it: None where it is not asked.

    What a revision needs beside is kept for `Grader.revise` alone.
    """

    grade: Grade
    case: Case | None = None
    witnessed: Witnessed | None = None


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
        judged_by = None if judge is None else judge.identity
        models = Models(encoder.identity, judged_by, learnt.name, None if scales is None else scales.content_hash)
        if scales is not None:
            scales.check(models.named)
        self._scales = scales
        self._remote, self._remote_mode = remote, remote_mode
        self._basis = Basis(models, learnt, threshold)
        self._witnessing = Witnessing(library, encoder, judge, max_answer_bytes=max_answer_bytes, cache=cache)

    @property
    def library(self) -> Library:
        """The banks it grades by."""
        return self._witnessing.library

    @property
    def encoder(self) -> Encoder:
        """What makes its vectors."""
        return self._witnessing.encoder

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
        (draft,) = self._draft([self._witnessing.start(request)], self._mode)
        return self._judged([draft])[0]

    def grade_many(self, requests: Sequence[GradeRequest], found: Sequence[Found] | None = None) -> list[Grade]:
        """Grade answers in order. One that cannot be graded has an `error` in its place; the others are not touched.

        `found` are their questions, one for each, where the caller has looked them up already (see `find_question`).

        Raises:
            RemoteJudgeError: the language model cannot be asked as it is set up.
        """
        parts = range(0, len(requests), AT_ONCE)
        return [grade for first in parts for grade in self._judged(self._drafts(requests, found, first, self._mode))]

    def draft_many(
        self, requests: Sequence[GradeRequest], found: Sequence[Found] | None = None, mode: Mode | None = None
    ) -> list[Draft]:
        """The local grades of answers, in order, for the caller to ask a language model about.

        `mode` says about which (None: about none). Neither here nor in `revise` is one asked; `found` as above.
        """
        parts = range(0, len(requests), AT_ONCE)
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

    def _drafts(
        self, requests: Sequence[GradeRequest], found: Sequence[Found] | None, first: int, mode: Mode | None
    ) -> list[Draft]:
        """The drafts of the part that begins with `first`."""
        part = slice(first, first + AT_ONCE)
        started = [
            self._started(request, known)
            for request, known in zip(requests[part], found[part] if found else repeat(None), strict=False)
        ]
        drafts = self._draft([task for task in started if isinstance(task, Task)], mode)
        return [next(drafts) if isinstance(one, Task) else Draft(one) for one in started]

    def _started(self, request: GradeRequest, found: Found | None) -> Task | Grade:
        try:
            return self._witnessing.start(request, found)
        except GraderError as error:
            failure = Failure(kind=type(error).__name__, message=str(error))
            return ungraded(request.question_id, request.candidate_id, request.metadata, failure)

    def _draft(self, tasks: Sequence[Task], mode: Mode | None) -> Iterator[Draft]:
        for one in self._witnessing.witness(tasks):
            grade = self._decide(one)
            if mode is not None and is_asked(grade, one.witnesses, mode):
                yield Draft(grade, self._case(one), one)
            else:
                yield Draft(grade)

    def _decide(self, one: Witnessed, opinion: RemoteOpinion | None = None, note: RemoteNote | None = None) -> Grade:
        task, request = one.task, one.task.request
        judgement = decide(one.question, one.witnesses, self._basis.learnt, opinion, drafted=task.drafted)
        judgement = self._on_scale(judgement, task.bank, one.question)
        grade = assemble(
            one.question, Origin(task.bank, drafted=task.drafted), one.witnesses, judgement, self._basis, note
        )
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

    def _case(self, one: Witnessed) -> Case:
        """Examples are judged by the criteria that a person wrote: they say nothing of drafted ones."""
        if one.task.drafted:
            return Case(one.question, one.task.reading)
        examples = nearest_exemplars(one.witnesses.answer, one.question, self.encoder, self._witnessing.cache)
        return Case(one.question, one.task.reading, examples)

    def _on_scale(self, judgement: Judgement, bank: Bank | None, question: Question) -> Judgement:
        if self._scales is None:
            return judgement
        key, pool = (text_key(question.question), None) if bank is None else (question.id, bank.bank)
        return rescale(judgement, self._scales.of(key, pool))
