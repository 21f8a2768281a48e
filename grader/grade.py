"""What comes out: a grade, its verdicts, evidence, flags, confidence, feedback and receipt, as frozen values."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A number in [0, 1]; NaN and infinities cannot enter."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Verdict(StrEnum):
    """A criterion's outcome."""

    MET = "met"
    PARTIAL = "partial"
    MISSING = "missing"
    CONTRADICTED = "contradicted"


class Label(StrEnum):
    """A grade in a word."""

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"


class Flag(StrEnum):
    """Why a grade should be doubted."""

    BLANK = "blank"
    TOO_SHORT = "too_short"
    GIBBERISH = "gibberish"
    OTHER_LANGUAGE = "other_language"
    COPIES_QUESTION = "copies_question"
    KEYWORD_LIST = "keyword_list"
    SHUFFLED = "shuffled"
    OFF_TOPIC = "off_topic"
    INSTRUCTION_LIKE = "instruction_like"
    HIDDEN_TEXT = "hidden_text"
    DENIAL = "denial"
    CONTRADICTION = "contradiction"
    MISCONCEPTION = "misconception"


class Reason(StrEnum):
    """Why a person should look."""

    NEAR_PASS_MARK = "near_pass_mark"  # noqa: S105 (the pass mark of a test, no password)
    SIGNALS_DISAGREE = "signals_disagree"
    GUARD_FIRED = "guard_fired"
    SELF_CONTRADICTION = "self_contradiction"
    DRAFTED_RUBRIC = "drafted_rubric"


SignalName = Literal["similarity", "keywords", "negation", "guard", "judge"]


class RemoteOutcome(StrEnum):
    """What came of asking a language model: its verdicts count, or why the local grade stands."""

    JUDGED = "judged"
    MALFORMED = "malformed"
    OUT_OF_SCHEMA = "out_of_schema"
    UNFOUNDED = "unfounded"
    REFUSED = "refused"
    CUT = "cut"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    FAILED = "failed"
    REJECTED = "rejected"
    OVER_BUDGET = "over_budget"
    NOT_ASKED = "not_asked"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Evidence(_Value):
    """Code points [start, end) of the answer as written, their text, and the signal that points at them."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: str
    signal: SignalName


class CriterionGrade(_Value):
    """The outcome of one criterion.

    `score` is the share of its weight that the answer earns; `signals` are what it rests on.
    """

    id: str
    statement: str
    weight: Amount
    elective: bool
    counted: bool
    verdict: Verdict
    score: Unit
    signals: dict[str, Unit]
    evidence: tuple[Evidence, ...]


class MisconceptionGrade(_Value):
    """A misconception that the answer claims, and where."""

    id: str
    statement: str
    score: Unit
    cap: Unit
    evidence: tuple[Evidence, ...]


class FlagGrade(_Value):
    """A flag that was raised: the highest score it leaves (`cap`; 1 if it only warns) and where it was seen."""

    flag: Flag
    cap: Unit
    detail: str
    evidence: tuple[Evidence, ...] = ()


class Confidence(_Value):
    """Where the score would lie if a person had graded.

    `level` is the share of grades whose interval holds the person's mark; None while the interval rests on documented
    constants and no marked answers have calibrated it.
    """

    low: Unit
    high: Unit
    level: Unit | None


class Feedback(_Value):
    """What to tell: the candidate sees nothing that the bank does not reveal; the grader sees everything."""

    candidate: str
    grader: str


class RemoteNote(_Value):
    """What came of asking a language model for its verdicts.

    `voided` names the criteria and misconceptions whose verdicts do not count, since what was quoted for them is not in
    the answer: of these the local verdict stands. With any outcome but `judged` the whole local grade stands.
    """

    judge: str
    outcome: RemoteOutcome
    detail: str = ""
    voided: tuple[str, ...] = ()


class Receipt(_Value):
    """What a grade rests on: hashes (hex SHA-256, or a model's identity) and versions that reproduce it.

    `remote_judge` is the language model whose verdicts count; None where none was asked, or none of its count.
    """

    grader_version: str
    bank: str | None
    bank_hash: str | None
    question_hash: str
    encoder: str
    judge: str | None
    calibration: str
    scale: str | None = None
    remote_judge: str | None = None
    answer_hash: str


class Failure(_Value):
    """Why an answer could not be graded: a stable kind and a sentence."""

    kind: str
    message: str


class Grade(_Value):
    """The result for one answer. It has a score, or it has an error; never both, never neither."""

    question_id: str | None
    candidate_id: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    score: Unit | None
    points: Amount | None
    max_points: Amount | None
    passed: bool | None
    label: Label | None
    confidence: Confidence | None
    needs_review: bool
    reasons: tuple[Reason, ...] = ()
    criteria: tuple[CriterionGrade, ...] = ()
    misconceptions: tuple[MisconceptionGrade, ...] = ()
    flags: tuple[FlagGrade, ...] = ()
    signals: dict[str, Unit] = Field(default_factory=dict)
    feedback: Feedback | None = None
    receipt: Receipt | None = None
    remote: RemoteNote | None = None
    error: Failure | None = None

    @model_validator(mode="after")
    def _scored_or_failed(self) -> Self:
        graded = (self.score, self.points, self.max_points, self.passed, self.label, self.confidence, self.receipt)
        missing = [part is None for part in graded]
        if any(missing) != (self.error is not None) or any(missing) != all(missing):
            raise ValueError("a grade has a score and all that goes with it, or an error")
        return self


def ungraded(question_id: str | None, candidate_id: str | None, metadata: dict[str, str], error: Failure) -> Grade:
    """The grade of an answer that could not be graded: no score, and a person should look."""
    return Grade(
        question_id=question_id,
        candidate_id=candidate_id,
        metadata=metadata,
        score=None,
        points=None,
        max_points=None,
        passed=None,
        label=None,
        confidence=None,
        needs_review=True,
        error=error,
    )
