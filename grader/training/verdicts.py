"""Answers with verdicts, and what is measured of each criterion and misconception in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from grader.bank.question import Question
from grader.grade import Verdict
from grader.request import GradeRequest
from grader.scoring.calibration import Calibration
from grader.scoring.combine import decide
from grader.scoring.confidence import variance
from grader.scoring.opposites import against_criterion, against_misconception
from grader.scoring.probability import claim_values, criterion_values
from grader.signals.witnesses import Witnesses
from grader.training.combination import Array
from grader.training.lines import read_lines
from grader.training.spread import Residual
from grader.witnessing import Witnessing

_CREDIT = {Verdict.MET: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSING: 0.0, Verdict.CONTRADICTED: 0.0}


class VerdictAnswer(BaseModel):
    """An answer to a question of a bank, with a person's verdict for each criterion and the misconceptions it claims.

    Attributes:
        kind: what sort of answer it is, for reports.
        score: the person's mark for the whole, in [0, 1].
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    question_id: str
    kind: str
    answer: str
    verdicts: dict[str, Verdict]
    claims: tuple[str, ...]
    score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


@dataclass
class Measured:
    """Rows of measured values, each with an outcome in [0, 1]."""

    values: list[Mapping[str, float]] = field(default_factory=list)
    outcomes: list[float] = field(default_factory=list)

    def add(self, values: Mapping[str, float], outcome: float) -> None:
        """One row more."""
        self.values.append(values)
        self.outcomes.append(outcome)

    def features(self, names: Sequence[str]) -> Array:
        """Shape (n, f): the named values."""
        return np.array([[row[name] for name in names] for row in self.values], np.float64)


@dataclass
class Statements:
    """What is measured of the statements of answers; `bare_` the same without their keywords."""

    criteria: Measured = field(default_factory=Measured)
    bare_criteria: Measured = field(default_factory=Measured)
    denials: Measured = field(default_factory=Measured)
    bare_denials: Measured = field(default_factory=Measured)
    claims: Measured = field(default_factory=Measured)
    bare_claims: Measured = field(default_factory=Measured)


def read_verdicts(path: Path) -> list[VerdictAnswer]:
    """Read JSON Lines of answers with verdicts.

    Raises:
        DatasetError: naming every line that is none.
    """
    return read_lines(path, VerdictAnswer.model_validate_json)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An answer with verdicts, its question, and what is measured of it."""

    answer: VerdictAnswer
    question: Question
    witnesses: Witnesses


def witness_verdicts(answers: Sequence[VerdictAnswer], witnessing: Witnessing) -> list[Witnessed]:
    """Measure answers.

    Raises:
        UnknownQuestion: no bank at hand has the question of one.
    """
    found = witnessing.witness_many([_request(one) for one in answers])
    asked = [witnessing.library.question(one.question_id)[1] for one in answers]
    return [Witnessed(*row) for row in zip(answers, asked, found, strict=True)]


def measure_statements(witnessed: Sequence[Witnessed]) -> Statements:
    """What is measured of the criteria and misconceptions of answers, each with what the person said of it."""
    statements = Statements()
    for one in witnessed:
        _add(statements, one.question, one.answer, one.witnesses)
    return statements


def residuals(witnessed: Sequence[Witnessed], learnt: Calibration) -> list[Residual]:
    """Scores beside marks."""
    found = []
    for one in witnessed:
        judgement = decide(one.question, one.witnesses, learnt, drafted=False)
        found.append(Residual(judgement.score, variance(judgement), one.answer.score))
    return found


def _request(one: VerdictAnswer) -> GradeRequest:
    return GradeRequest(question_id=one.question_id, answer=one.answer)


def _add(statements: Statements, question: Question, one: VerdictAnswer, found: Witnesses) -> None:
    nearest = max((witness.similarity.cosine for witness in found.criteria), default=0.0)
    plain = _without_keywords(found)
    for criterion, witness, bare in zip(question.criteria, found.criteria, plain.criteria, strict=True):
        verdict = one.verdicts.get(criterion.id, Verdict.MISSING)
        credit, denied = _CREDIT[verdict], float(verdict is Verdict.CONTRADICTED)
        values = criterion_values(bare, against_criterion(criterion, question, plain))
        statements.bare_criteria.add(values, credit)
        statements.bare_denials.add(values, denied)
        if witness.keywords is not None:
            values = criterion_values(witness, against_criterion(criterion, question, found))
            statements.criteria.add(values, credit)
            statements.denials.add(values, denied)
    for misconception, witness, bare in zip(
        question.misconceptions, found.misconceptions, plain.misconceptions, strict=True
    ):
        claimed = float(misconception.id in one.claims)
        opposites = against_misconception(misconception, question, plain)
        statements.bare_claims.add(claim_values(bare, opposites, nearest), claimed)
        if witness.keywords is not None:
            opposites = against_misconception(misconception, question, found)
            statements.claims.add(claim_values(witness, opposites, nearest), claimed)


def _without_keywords(found: Witnesses) -> Witnesses:
    return replace(
        found,
        criteria=tuple(replace(witness, keywords=None) for witness in found.criteria),
        misconceptions=tuple(replace(witness, keywords=None) for witness in found.misconceptions),
    )
