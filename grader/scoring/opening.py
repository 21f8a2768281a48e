"""The first sentence of feedback: the grade in a word, and why it is not what its points one by one would make it.

A score rests on more than on how many points are met: on their weights, on credit for points that are met in part, on
the answer as a whole, and on the errors in it, the worst of which caps the score.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.grade import Label, Verdict
from grader.scoring.combine import Judgement

IN_A_WORD = {
    Label.CORRECT: "A good answer.",
    Label.PARTIAL: "Partly right.",
    Label.INCORRECT: "Not there yet.",
}
_HALF = 0.5  # of the points: with no more, "a good answer" needs a word, and with more, "not there yet" does


@dataclass(frozen=True, slots=True)
class Tally:
    """The points of an answer that count: how many, how many met, in part, contradicted; and claimed misconceptions."""

    points: int
    met: int
    partly: int = 0
    contradicted: int = 0
    claimed: int = 0

    @property
    def share(self) -> float:
        """The part of the points that the answer makes, in [0, 1]; one that is met in part is half a point."""
        return (self.met + self.partly / 2) / self.points

    @property
    def has_error(self) -> bool:
        """Whether something in the answer is wrong."""
        return bool(self.contradicted or self.claimed)


def tally_of(judgement: Judgement) -> Tally:
    """The points of an answer, counted."""
    verdicts = [judged.verdict for judged in judgement.criteria if judged.counted]
    return Tally(
        points=len(verdicts),
        met=verdicts.count(Verdict.MET),
        partly=verdicts.count(Verdict.PARTIAL),
        contradicted=verdicts.count(Verdict.CONTRADICTED),
        claimed=len(judgement.claimed),
    )


def opening(label: Label, tally: Tally) -> str:
    """The first sentence of feedback.

    Args:
        label: the grade in a word, by its score.
        tally: the points that the answer makes, of which the feedback tells next.
    """
    because = {Label.CORRECT: _if_correct, Label.PARTIAL: _if_partial, Label.INCORRECT: _if_incorrect}
    return because[label](tally) or IN_A_WORD[label]


def _if_correct(tally: Tally) -> str | None:
    if tally.has_error:
        return "A good answer, but for an error in it."
    if tally.share <= _HALF:
        return "A good answer as a whole, though not every point was found in it one by one."
    return None


def _if_partial(tally: Tally) -> str | None:
    if not tally.share:
        return "Partly right as a whole, though none of the points was found in it one by one."
    if tally.met == tally.points and not tally.has_error:
        return "Partly right: each point was found, but as a whole the answer is some way from what is wanted."
    return None


def _if_incorrect(tally: Tally) -> str | None:
    if tally.share <= _HALF:
        return None
    if tally.has_error:
        return "Not there yet: an error weighs more than what is right."
    return "Not there yet: some points were found, but as a whole the answer is far from what is wanted."
