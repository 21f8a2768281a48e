"""A judgement as a grade: numbers rounded, evidence placed in the answer as written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from grader import __version__
from grader.bank.question import Bank, Question
from grader.grade import (
    CriterionGrade,
    Evidence,
    Flag,
    FlagGrade,
    Grade,
    MisconceptionGrade,
    Receipt,
    RemoteNote,
    SignalName,
    Verdict,
)
from grader.scoring.calibration import Calibration
from grader.scoring.combine import JudgedCriterion, JudgedMisconception, Judgement, label, points
from grader.scoring.confidence import confidence, contradicts_itself, reasons
from grader.scoring.feedback import Reveal, feedback
from grader.signals.guards import GuardFinding
from grader.signals.witnesses import StatementWitness, Witnesses
from grader.text.normalize import Span
from grader.text.reading import Reading

_DECIMALS = 4
_ADHOC_STEP = 0.5  # points: the grid for questions of no bank
_ADHOC_REVEAL: Reveal = "hints"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a question comes from: a bank, or None if it was sent along; and whether its criteria were drafted."""

    bank: Bank | None
    drafted: bool


@dataclass(frozen=True, slots=True)
class Models:
    """What a grade rests on, as receipts call it.

    `judge` is None where none was asked, `scale` where scores stay as they are.
    """

    encoder: str
    judge: str | None
    calibration: str
    scale: str | None = None

    @property
    def named(self) -> dict[str, str]:
        """Those that there are, by what they are."""
        return {name: identity for name, identity in asdict(self).items() if identity is not None}


@dataclass(frozen=True, slots=True)
class Basis:
    """What all grades of a grader rest on: its models, what is learnt of scoring, and the pass mark in [0, 1]."""

    models: Models
    learnt: Calibration
    threshold: float


def assemble(
    question: Question,
    origin: Origin,
    witnesses: Witnesses,
    judgement: Judgement,
    basis: Basis,
    remote: RemoteNote | None = None,
) -> Grade:
    """The grade of one answer. `candidate_id` and `metadata` are the caller's to add."""
    reading = witnesses.answer.reading
    as_a_whole = origin.drafted and not judgement.remote
    spread = basis.learnt.drafted_spread if as_a_whole else basis.learnt.spread
    interval = confidence(judgement, spread, drafted=origin.drafted)
    why = reasons(judgement, spread, basis.threshold, drafted=origin.drafted)
    step, reveal = (origin.bank.points_step, origin.bank.reveal) if origin.bank else (_ADHOC_STEP, _ADHOC_REVEAL)
    return Grade(
        question_id=question.id if origin.bank else None,
        score=judgement.score,
        points=points(judgement.score, question.max_points, step),
        max_points=question.max_points,
        passed=judgement.score >= basis.threshold,
        label=label(judgement.score),
        confidence=interval,
        needs_review=bool(why),
        reasons=why,
        criteria=tuple(_criterion(judged, reading) for judged in judgement.criteria),
        misconceptions=tuple(_misconception(judged, reading) for judged in judgement.claimed),
        flags=tuple(_flags(judgement, reading)),
        signals=_signals(witnesses),
        feedback=feedback(judgement, label(judgement.score), reading, reveal),
        receipt=Receipt(
            grader_version=__version__,
            bank=origin.bank.bank if origin.bank else None,
            bank_hash=origin.bank.content_hash if origin.bank else None,
            question_hash=question.content_hash,
            **asdict(basis.models),
            remote_judge=None if remote is None else remote.judge,
            answer_hash=hashlib.sha256(reading.normalized.written.encode()).hexdigest(),
        ),
        remote=remote,
    )


def _criterion(judged: JudgedCriterion, reading: Reading) -> CriterionGrade:
    criterion = judged.criterion
    return CriterionGrade(
        id=criterion.id,
        statement=criterion.statement,
        weight=criterion.weight,
        elective=criterion.elective,
        counted=judged.counted,
        verdict=judged.verdict,
        score=round(judged.credit, _DECIMALS),
        signals={**_probabilities(judged), **_statement_signals(judged.witness)},
        evidence=()
        if judged.verdict is Verdict.MISSING
        else tuple(_evidence(judged.witness, judged.verdict, judged.quote, reading)),
    )


def _misconception(judged: JudgedMisconception, reading: Reading) -> MisconceptionGrade:
    return MisconceptionGrade(
        id=judged.misconception.id,
        statement=judged.misconception.statement,
        score=round(judged.probability, _DECIMALS),
        cap=judged.misconception.cap,
        evidence=tuple(_evidence(judged.witness, Verdict.MET, judged.quote, reading)),
    )


def _flags(judgement: Judgement, reading: Reading) -> Iterator[FlagGrade]:
    for guard in judgement.guards:
        yield _guard(guard, reading)
    if contradicts_itself(judgement):
        yield FlagGrade(flag=Flag.CONTRADICTION, cap=1.0, detail="it says and denies the same point")
    if judgement.claimed:
        cap = min(judged.misconception.cap for judged in judgement.claimed)
        names = ", ".join(judged.misconception.id for judged in judgement.claimed)
        yield FlagGrade(flag=Flag.MISCONCEPTION, cap=cap, detail=names)


def _guard(guard: GuardFinding, reading: Reading) -> FlagGrade:
    spans = () if guard.span is None else (guard.span,)
    return FlagGrade(
        flag=guard.flag, cap=guard.cap, detail=guard.detail, evidence=tuple(_placed(spans, "guard", reading))
    )


def _signals(witnesses: Witnesses) -> dict[str, float]:
    return {name: round(value, _DECIMALS) for name, value in witnesses.reference.values.items()}


def _probabilities(judged: JudgedCriterion) -> dict[str, float]:
    found = {"probability": judged.probability}
    if judged.local is not None:
        found["local_probability"] = judged.local
    return {name: round(value, _DECIMALS) for name, value in found.items()}


def _statement_signals(witness: StatementWitness) -> dict[str, float]:
    measured = {"similarity": witness.similarity.lift, "coverage": witness.similarity.coverage}
    if witness.keywords is not None:
        measured |= {"keywords": witness.keywords.said, "negation": witness.keywords.denied}
    if witness.opinion is not None:
        measured |= {"judged_said": witness.opinion.said, "judged_contradicted": witness.opinion.contradicted}
    return {name: round(value, _DECIMALS) for name, value in measured.items()}


def _evidence(witness: StatementWitness, verdict: Verdict, quote: Span | None, reading: Reading) -> Iterator[Evidence]:
    """What a language model quotes; else the words that say it (or deny it); else the clause that is nearest to it."""
    keywords = witness.keywords
    if quote is not None:
        yield from _placed((quote,), "judge", reading)
    elif verdict is Verdict.CONTRADICTED and keywords is not None and keywords.denied_spans:
        yield from _placed(keywords.denied_spans, "negation", reading)
    elif keywords is not None and keywords.spans:
        yield from _placed(keywords.spans, "keywords", reading)
    elif witness.similarity.nearest is not None:
        yield from _placed((witness.similarity.nearest,), "similarity", reading)


def _placed(spans: Sequence[Span], signal: SignalName, reading: Reading) -> Iterator[Evidence]:
    for span in spans:
        start, end = reading.normalized.written_span(span)
        yield Evidence(start=start, end=end, text=reading.normalized.written[start:end], signal=signal)
