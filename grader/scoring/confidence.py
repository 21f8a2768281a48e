"""How sure a grade is, and whether a person should look."""

from __future__ import annotations

from collections.abc import Iterator

from grader.grade import Confidence, Flag, Reason, Verdict
from grader.scoring.calibration import Spread
from grader.scoring.combine import JudgedCriterion, Judgement
from grader.scoring.remote import opposed

_SAYS_ALL, _SAYS_NONE = 0.8, 0.2  # shares of keywords
_COVERS_MOST, _COVERS_LITTLE = 0.8, 0.05  # shares of a statement's words
_WEIGHTY = 0.15  # the share of the rubric from which one criterion's doubt is worth a person's time
_NOT_TELLING = frozenset({Flag.TOO_SHORT, Flag.BLANK})  # flags that leave nothing to look up


def confidence(judgement: Judgement, spread: Spread, *, drafted: bool) -> Confidence:
    """The interval around a score that holds a person's mark as often as its level says.

    Marks have calibrated it on local verdicts: with a language model's, no level is known.
    """
    half = spread.half_width(_spread_of(judgement, drafted=drafted))
    return Confidence(
        low=round(max(0.0, judgement.score - half), 4),
        high=round(min(1.0, judgement.score + half), 4),
        level=None if judgement.remote else spread.level,
    )


def variance(judgement: Judgement) -> float:
    """The variance of the score, as if each statement were said, or not, with its own probability.

    A criterion gives or takes its share of the rubric; a misconception takes what the rubric gives beyond its cap.
    """
    criteria = [judged for judged in judgement.criteria if judged.counted]
    total = sum(judged.criterion.weight for judged in criteria)
    return sum((judged.criterion.weight / total) ** 2 * _doubt(judged.probability) for judged in criteria) + sum(
        max(0.0, judgement.rubric - judged.misconception.cap) ** 2 * _doubt(judged.probability)
        for judged in judgement.misconceptions
    )


def reasons(judgement: Judgement, spread: Spread, threshold: float, *, drafted: bool) -> tuple[Reason, ...]:
    """Why a person should look; empty when nobody needs to.

    Intervals that hold nine marks of ten are wide, and most hold the pass mark. Only a doubtful one (`Spread.doubtful`)
    is worth a person's time for that.
    """
    return tuple(_reasons(judgement, spread, threshold, drafted))


def _reasons(judgement: Judgement, spread: Spread, threshold: float, drafted: bool) -> Iterator[Reason]:
    interval = confidence(judgement, spread, drafted=drafted)
    doubtful = spread.unit(_spread_of(judgement, drafted=drafted)) > spread.doubtful
    if doubtful and interval.low < threshold <= interval.high:
        yield Reason.NEAR_PASS_MARK
    if any(_disagrees(judged, judgement) for judged in judgement.criteria):
        yield Reason.SIGNALS_DISAGREE
    if any(guard.flag not in _NOT_TELLING for guard in judgement.guards):
        yield Reason.GUARD_FIRED
    if contradicts_itself(judgement):
        yield Reason.SELF_CONTRADICTION
    if drafted:
        yield Reason.DRAFTED_RUBRIC


def _spread_of(judgement: Judgement, *, drafted: bool) -> float:
    """The variance of the score; that of a mark that is read as a whole does not come from its criteria."""
    return 0.0 if drafted and not judgement.remote else variance(judgement)


def contradicts_itself(judgement: Judgement) -> bool:
    """Whether the answer both says and denies one criterion."""
    return any(
        judged.witness.keywords is not None
        and judged.witness.keywords.said >= _SAYS_ALL
        and judged.witness.keywords.denied >= _SAYS_ALL
        for judged in judgement.criteria
    )


def _disagrees(judged: JudgedCriterion, judgement: Judgement) -> bool:
    """Whether keywords and similarity, or a language model and the witnesses, tell opposite stories of a criterion."""
    keywords = judged.witness.keywords
    total = sum(one.criterion.weight for one in judgement.criteria if one.counted)
    weighty = judged.counted and judged.criterion.weight / total >= _WEIGHTY
    if judged.local is not None:
        return weighty and opposed(judged.probability, judged.local)
    if keywords is None or not weighty or judged.verdict is Verdict.CONTRADICTED:
        return False
    covered = judged.witness.similarity.coverage
    said_only = keywords.said >= _SAYS_ALL and covered <= _COVERS_LITTLE
    covered_only = keywords.said <= _SAYS_NONE and covered >= _COVERS_MOST
    return said_only or covered_only


def _doubt(probability: float) -> float:
    return probability * (1 - probability)
