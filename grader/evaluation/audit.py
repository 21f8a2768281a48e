"""How many attacks get through, beside how many right answers do: the whole of `grader audit` as one value."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from grader.evaluation.attacks import ATTACKS, Aim, Attack, AttackedAnswer
from grader.evaluation.graded import Progress
from grader.grade import Grade
from grader.grading import Grader
from grader.llm.tally import Tally
from grader.request import GradeRequest

_LEVEL = 0.95
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attack.

    Attributes:
        aim: when a try counts as accepted: see `grader.evaluation.attacks.Aim`.
        answers: tries that were graded.
        accepted: how many were accepted.
        share: of the answers; with its 95 % interval from `low` to `high` (Wilson 1927).
        score: their mean score.
        base_score: the mean score without the trick; None where there is nothing to compare with.
        to_review: how many of the accepted are sent to a person.
        limit: the share that may be accepted; None where no limit is set.
        ungraded: tries that could not be graded; in no other number.
    """

    attack: str
    does: str
    aim: str
    answers: int
    accepted: int
    share: float
    low: float
    high: float
    score: float
    base_score: float | None
    to_review: int
    limit: float | None
    ungraded: int

    @property
    def too_many(self) -> bool:
        """Whether more are accepted than may be."""
        return self.limit is not None and self.share > self.limit


@dataclass(frozen=True, slots=True)
class Finding:
    """A try that came out as it should not: an attack that was accepted, or a right answer that was not."""

    question_id: str
    attack: str
    variant: str
    answer: str
    score: float
    base_score: float | None
    needs_review: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that an audit found; `accepted` are attacks, `refused` are right answers.

    Where a language model was asked, `local` are the outcomes without it, and `judging` is what asking it came to.
    """

    banks: tuple[str, ...]
    questions: int
    pass_mark: float
    seed: int
    outcomes: tuple[Outcome, ...]
    accepted: tuple[Finding, ...]
    refused: tuple[Finding, ...]
    receipt: Mapping[str, str]
    local: tuple[Outcome, ...] | None = None
    judging: Tally | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A try and what the grader made of it.

    `score` is None where the answer, or the one without the trick, could not be graded; `base_score` also where there
    is nothing to compare with.
    """

    attacked: AttackedAnswer
    score: float | None
    base_score: float | None
    needs_review: bool
    flags: tuple[str, ...]

    def accepted(self, pass_mark: float) -> bool:
        """Whether the try counts as accepted."""
        if self.score is None or self.score < pass_mark:
            return False
        return self.attacked.attack.aim is not Aim.GAIN or self.base_score is None or self.base_score < pass_mark


def grade_attacks(attacked: Sequence[AttackedAnswer], grader: Grader, progress: Progress) -> tuple[Judged, ...]:
    """Grade tries and what they are compared with, each answer once."""
    keys = list(_asked(attacked))
    grades: dict[tuple[str, str], Grade] = {}
    for first in range(0, len(keys), _AT_ONCE):
        some = keys[first : first + _AT_ONCE]
        requests = [GradeRequest(question_id=question, answer=answer) for question, answer in some]
        grades.update(zip(some, grader.grade_many(requests), strict=True))
        progress(len(some))
    return tuple(_judged(one, grades) for one in attacked)


def _judged(one: AttackedAnswer, grades: Mapping[tuple[str, str], Grade]) -> Judged:
    grade = grades[one.question_id, one.attempt.answer]
    base = None if one.attempt.base is None else grades[one.question_id, one.attempt.base].score
    score = None if one.attempt.base is not None and base is None else grade.score
    flags = tuple(flag.flag.value for flag in grade.flags)
    return Judged(one, score, base, grade.needs_review, flags)


def count_answers(attacked: Iterable[AttackedAnswer]) -> int:
    """How many answers `grade_attacks` will grade."""
    return len(_asked(attacked))


def _asked(attacked: Iterable[AttackedAnswer]) -> dict[tuple[str, str], None]:
    """The question and answer of each try and of each answer without its trick, once, in order."""
    return {
        (one.question_id, answer): None
        for one in attacked
        for answer in (one.attempt.base, one.attempt.answer)
        if answer is not None
    }


def outcomes(judged: Sequence[Judged], pass_mark: float, limit: float | None = None) -> tuple[Outcome, ...]:
    """An outcome for each attack that was tried; `limit` goes before the attacks' own limits."""
    by_attack: dict[str, list[Judged]] = {}
    for one in judged:
        by_attack.setdefault(one.attacked.attack.name, []).append(one)
    return tuple(
        _outcome(attack, by_attack[attack.name], pass_mark, attack.limit if limit is None else limit)
        for attack in ATTACKS
        if any(one.score is not None for one in by_attack.get(attack.name, ()))
    )


def _outcome(attack: Attack, judged: Sequence[Judged], pass_mark: float, limit: float | None) -> Outcome:
    accepted = [one for one in judged if one.accepted(pass_mark)]
    scores = [one.score for one in judged if one.score is not None]
    bases = [one.base_score for one in judged if one.score is not None and one.base_score is not None]
    interval = binomtest(len(accepted), len(scores)).proportion_ci(confidence_level=_LEVEL, method="wilson")
    return Outcome(
        attack=attack.name,
        does=attack.does,
        aim=attack.aim.value,
        answers=len(scores),
        accepted=len(accepted),
        share=len(accepted) / len(scores),
        low=float(interval.low),
        high=float(interval.high),
        score=statistics.fmean(scores),
        base_score=statistics.fmean(bases) if bases else None,
        to_review=sum(one.needs_review for one in accepted),
        limit=None if attack.aim is Aim.KEEP else limit,
        ungraded=len(judged) - len(scores),
    )


def accepted_attacks(judged: Iterable[Judged], pass_mark: float) -> tuple[Finding, ...]:
    """The attacks that were accepted, as they were tried."""
    return tuple(
        _finding(one, one.score)
        for one in judged
        if one.score is not None and one.attacked.attack.aim is not Aim.KEEP and one.accepted(pass_mark)
    )


def refused_answers(judged: Iterable[Judged], pass_mark: float) -> tuple[Finding, ...]:
    """The right answers that were not accepted, as they were tried."""
    return tuple(
        _finding(one, one.score)
        for one in judged
        if one.score is not None and one.attacked.attack.aim is Aim.KEEP and not one.accepted(pass_mark)
    )


def _finding(one: Judged, score: float) -> Finding:
    return Finding(
        question_id=one.attacked.question_id,
        attack=one.attacked.attack.name,
        variant=one.attacked.attempt.variant,
        answer=one.attacked.attempt.answer,
        score=score,
        base_score=one.base_score,
        needs_review=one.needs_review,
        flags=one.flags,
    )
