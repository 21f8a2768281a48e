"""Probabilities to verdicts, verdicts to a score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.bank.question import Criterion, Misconception, Question
from grader.grade import Label, Verdict
from grader.llm.opinion import QuotedClaim, QuotedVerdict, RemoteOpinion
from grader.scoring.calibration import Calibration
from grader.scoring.opposites import against_criterion, against_misconception
from grader.scoring.probability import (
    claim_probability,
    criterion_probability,
    denial_probability,
    drafted_mark,
    is_denied_in_words,
)
from grader.scoring.remote import claim_probability_of, verdict_probability
from grader.signals.guards import GuardFinding
from grader.signals.witnesses import StatementWitness, Witnesses
from grader.text.normalize import Span

MET, PARTIAL = 0.65, 0.4  # probabilities from which a criterion is met, or partly met
# the probability from which a misconception is claimed: to accuse a right answer costs it nearly everything (of marked
# right answers 10 in 100 fail with .5, and 6 with .7)
CLAIMED = 0.7
CORRECT, PARTLY_CORRECT = 0.8, 0.4  # scores from which an answer is called correct, or partially correct
_NO_CREDIT, _FULL_CREDIT = 0.2, 0.75  # probabilities between which credit grows from nothing to all
# the share of what is missing that the whole reading of the reference may give, and the mark from which it gives any
_FILL, _FILL_FROM = 0.2, 0.5
_DENIES = 0.5  # the probability of the contrary from which a criterion is contradicted


@dataclass(frozen=True, slots=True)
class JudgedCriterion:
    """A criterion's probability, verdict and credit (the share of its weight, in [0, 1]).

    `counted` is false for an elective beyond the number that the question wants. Where a language model's verdict
    counts, `local` is the probability that it stands in for, and `quote` what it rests on.
    """

    criterion: Criterion
    witness: StatementWitness
    probability: float
    verdict: Verdict
    credit: float
    counted: bool = True
    local: float | None = None
    quote: Span | None = None


@dataclass(frozen=True, slots=True)
class JudgedMisconception:
    """A misconception's probability of being claimed, and where it is if it is; `quote` as of a criterion."""

    misconception: Misconception
    witness: StatementWitness
    probability: float
    quote: Span | None = None

    @property
    def claimed(self) -> bool:
        """Whether the answer is taken to claim it."""
        return self.probability >= CLAIMED


@dataclass(frozen=True, slots=True)
class Judgement:
    """What scoring makes of an answer.

    `rubric` is the weighted credit, `score` the result after fill and caps, `cap` the most that it may be; `remote`
    says whether a language model's verdicts are in it.
    """

    criteria: tuple[JudgedCriterion, ...]
    misconceptions: tuple[JudgedMisconception, ...]
    guards: tuple[GuardFinding, ...]
    rubric: float
    score: float
    cap: float = 1.0
    remote: bool = False

    @property
    def claimed(self) -> tuple[JudgedMisconception, ...]:
        """The misconceptions that the answer claims."""
        return tuple(judged for judged in self.misconceptions if judged.claimed)


def decide(
    question: Question,
    witnesses: Witnesses,
    learnt: Calibration,
    remote: RemoteOpinion | None = None,
    *,
    drafted: bool,
) -> Judgement:
    """Verdicts and score of one answer. The question must have criteria.

    Args:
        question: what is asked.
        witnesses: what is measured of the answer.
        learnt: what turns the witnesses into probabilities and marks.
        remote: what a language model says; of what it does not say, the local probabilities stand.
        drafted: whether the criteria were drafted from the reference: then the score is the mark of the whole reading,
            unless a language model judged them.
    """
    said = RemoteOpinion({}, {}) if remote is None else remote
    misconceptions = _judge_misconceptions(question, witnesses, learnt, said)
    denied = {name for judged in misconceptions if judged.claimed for name in judged.misconception.contradicts}
    criteria = _count_electives(
        question,
        [
            _judge_criterion(
                criterion,
                found,
                against_criterion(criterion, question, witnesses),
                learnt,
                said.criteria.get(criterion.id),
                denied=criterion.id in denied,
            )
            for criterion, found in zip(question.criteria, witnesses.criteria, strict=True)
        ],
    )
    rubric = _weighted_credit(criteria)
    earned = (
        drafted_mark(witnesses, learnt)
        if drafted and remote is None
        else _filled(rubric, learnt.reference.expect(witnesses.reference.values))
    )
    caps = [judged.misconception.cap for judged in misconceptions if judged.claimed]
    caps += [guard.cap for guard in witnesses.guards]
    cap = min([1.0, *caps])
    score = round(min(earned, cap), 4)
    return Judgement(criteria, misconceptions, witnesses.guards, rubric, score, cap, remote is not None)


def label(score: float) -> Label:
    """A score in a word."""
    return Label.CORRECT if score >= CORRECT else Label.PARTIAL if score >= PARTLY_CORRECT else Label.INCORRECT


def points(score: float, max_points: float, step: float) -> float:
    """A score as points, rounded to the bank's step (halves up), never above the maximum."""
    steps = math.floor(score * max_points / step + 0.5 + 1e-9)
    return round(min(steps * step, max_points), 6)


def _judge_misconceptions(
    question: Question, witnesses: Witnesses, learnt: Calibration, remote: RemoteOpinion
) -> tuple[JudgedMisconception, ...]:
    nearest = max((found.similarity.cosine for found in witnesses.criteria), default=0.0)
    return tuple(
        _judge_misconception(
            misconception,
            found,
            claim_probability(found, against_misconception(misconception, question, witnesses), nearest, learnt),
            remote.misconceptions.get(misconception.id),
        )
        for misconception, found in zip(question.misconceptions, witnesses.misconceptions, strict=True)
    )


def _judge_misconception(
    misconception: Misconception, found: StatementWitness, local: float, said: QuotedClaim | None
) -> JudgedMisconception:
    if said is None:
        return JudgedMisconception(misconception, found, local)
    return JudgedMisconception(misconception, found, claim_probability_of(claimed=said.claimed), said.quote)


def _judge_criterion(
    criterion: Criterion,
    found: StatementWitness,
    opposites: Sequence[StatementWitness],
    learnt: Calibration,
    said: QuotedVerdict | None,
    *,
    denied: bool,
) -> JudgedCriterion:
    probability = criterion_probability(found, opposites, learnt)
    if said is not None:
        return _judged_remotely(criterion, found, probability, said, denied=denied)
    denial = denial_probability(found, opposites, learnt)
    if denied or denial >= max(_DENIES, probability) or is_denied_in_words(found):
        return JudgedCriterion(criterion, found, probability, Verdict.CONTRADICTED, 0.0)
    verdict = Verdict.MET if probability >= MET else Verdict.PARTIAL if probability >= PARTIAL else Verdict.MISSING
    return JudgedCriterion(criterion, found, probability, verdict, _credit(probability))


def _judged_remotely(
    criterion: Criterion, found: StatementWitness, local: float, said: QuotedVerdict, *, denied: bool
) -> JudgedCriterion:
    """What a language model says, unless the answer claims a misconception that contradicts the criterion."""
    probability = verdict_probability(said)
    verdict = Verdict.CONTRADICTED if denied else said.verdict
    credit = 0.0 if denied else _credit(probability)
    return JudgedCriterion(criterion, found, probability, verdict, credit, local=local, quote=said.quote)


def _credit(probability: float) -> float:
    return min(1.0, max(0.0, (probability - _NO_CREDIT) / (_FULL_CREDIT - _NO_CREDIT)))


def _count_electives(question: Question, judged: Sequence[JudgedCriterion]) -> tuple[JudgedCriterion, ...]:
    """Count only the best `at_least` of the electives; the rest neither give nor cost anything."""
    electives = [one for one in judged if one.criterion.elective]
    ranked = sorted(electives, key=lambda one: -one.credit)
    beyond = {one.criterion.id for one in ranked[question.at_least or 0 :]}
    return tuple(replace(one, counted=False) if one.criterion.id in beyond else one for one in judged)


def _weighted_credit(criteria: Sequence[JudgedCriterion]) -> float:
    counted = [one for one in criteria if one.counted]
    return sum(one.criterion.weight * one.credit for one in counted) / sum(one.criterion.weight for one in counted)


def _filled(rubric: float, whole: float) -> float:
    """The rubric's credit, and a share of what it misses for what the whole reading finds beyond the criteria."""
    return rubric + (1 - rubric) * _FILL * _above(whole, _FILL_FROM) if rubric > 0 else 0.0


def _above(value: float, floor: float) -> float:
    return max(0.0, (value - floor) / (1 - floor))
