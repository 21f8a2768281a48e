"""What a language model's verdicts do to scoring: they stand in for the probabilities that the witnesses give.

Nothing else changes: weights, electives, fill, caps and guards work on as they do. The probabilities are documented
constants, not learnt: sure verdicts leave room for a wrong one, and `partial` lies where the criterion earns half.
"""

from __future__ import annotations

from typing import Literal

from grader.grade import Grade, RemoteNote, Verdict
from grader.llm.opinion import QuotedVerdict, Unscored
from grader.signals.witnesses import Witnesses

Mode = Literal["review", "always"]
"""Which answers a language model is asked about: those that need review, or all."""

SURELY, SURELY_NOT = 0.98, 0.02  # the probability of what the model says, and of what it does not say
_HALF = 0.475  # the probability from which a criterion earns half of its weight
_PROBABILITIES = {
    Verdict.MET: SURELY,
    Verdict.PARTIAL: _HALF,
    Verdict.MISSING: SURELY_NOT,
    Verdict.CONTRADICTED: SURELY_NOT,
}
_OPPOSED = 0.9  # how far apart from the model's the local probability is where the two tell opposite stories

_WHY = "the language model gave no verdicts ({}: {}); this is the local grade"


def verdict_probability(said: QuotedVerdict) -> float:
    """The probability, in [0, 1], that a criterion is met of which the model says this."""
    return _PROBABILITIES[said.verdict]


def claim_probability_of(*, claimed: bool) -> float:
    """The probability, in [0, 1], that a misconception is claimed of which the model says this."""
    return SURELY if claimed else SURELY_NOT


def opposed(probability: float, local: float) -> bool:
    """Whether the model and the local witnesses are both sure, of opposite things."""
    return abs(probability - local) >= _OPPOSED


def is_asked(grade: Grade, witnesses: Witnesses, mode: Mode) -> bool:
    """Whether the model is asked about an answer with this local grade; not where guards leave nothing to earn."""
    earns_nothing = any(guard.cap == 0 for guard in witnesses.guards)
    return not earns_nothing and (mode == "always" or grade.needs_review)


def standing(grade: Grade, judge: str, unscored: Unscored) -> Grade:
    """The local grade, with why the model's verdicts are not in it."""
    note = RemoteNote(judge=judge, outcome=unscored.outcome, detail=unscored.detail)
    told = _WHY.format(unscored.outcome.value.replace("_", " "), unscored.detail)
    feedback = grade.feedback
    if feedback is not None:
        feedback = feedback.model_copy(update={"grader": f"{feedback.grader}\n{told}"})
    return grade.model_copy(update={"remote": note, "feedback": feedback})
