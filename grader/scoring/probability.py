"""Witnesses in, probabilities out: whether a criterion is met or denied, whether a misconception is claimed.

The weights are learnt (`grader.scoring.calibration`). What is measured of a statement stands here, and the sign
that the weight of each number keeps: what speaks for a statement never lowers its probability, and what denies it
never raises it. A criterion and the misconceptions that contradict it cannot both be said, so each speaks against its
opposites.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.scoring.calibration import Calibration
from grader.signals.judge import Opinion
from grader.signals.witnesses import StatementWitness, Witnesses

_FAR_COSINE, _NEAR_COSINE = 0.2, 0.6  # of the nearest clause to the statement: another subject; the same subject
_MARGIN = 0.3  # beyond it a cosine's margin says no more
_DENIED = 0.9  # the net denial from which words deny a statement …
_BELIEVED = 0.5  # … unless a judge reads it as said with this probability: negation has more forms than rules
# A misconception with less than this share of its words said, beside criteria that it contradicts with more than that
# of theirs, is left open at most, unless a judge believes it.
_FEW_WORDS, _MOST_WORDS, _OPEN = 0.34, 0.8, 0.5
_SURE = 4.0  # log-odds beyond which a judge's probability says no more

BARE_CRITERION_SIGNS = {"coverage": 1, "near": 1, "lift": 1}
CRITERION_SIGNS = {"said": 1, "all_said": 1, "denied": -1, **BARE_CRITERION_SIGNS}
BARE_CLAIM_SIGNS = {"coverage": 1, "margin": 1}
CLAIM_SIGNS = {"together": 1, "all_together": 1, "opposite_words": -1, **BARE_CLAIM_SIGNS}
BARE_DENIAL_SIGNS = {"near": 1}
DENIAL_SIGNS = {"denied": 1, "said": -1, "opposite_words": 1, **BARE_DENIAL_SIGNS}
JUDGED_READING_SIGNS = {"judged_said": 1, "judged_contradicted": -1}
"""What a judge adds to the reading against a reference."""
JUDGED_CRITERION_SIGNS = {"judged_said": 1, "judged_surely": 1, "judged_contradicted": -1, "opposite_said": -1}
"""What a judge adds to whether a criterion is met."""
JUDGED_CLAIM_SIGNS = {
    "judged_said": 1, "judged_surely": 1, "judged_contradicted": -1,
    "opposite_said": -1, "opposite_contradicted": 1, "opposite_denied": 1,
}  # fmt: skip
"""What a judge adds to whether a misconception is claimed."""
JUDGED_DENIAL_SIGNS = {
    "judged_said": -1, "judged_contradicted": 1, "judged_denied": 1, "opposite_said": 1, "opposite_surely": 1
}  # fmt: skip
"""What a judge adds to whether a criterion is denied."""


def criterion_values(witness: StatementWitness, opposites: Sequence[StatementWitness]) -> dict[str, float]:
    """What is measured of a criterion, by the names that weights have; each in [0, 1].

    Args:
        witness: what is measured of its statement.
        opposites: what is measured of the misconceptions that contradict it.
    """
    similarity, keywords = witness.similarity, witness.keywords
    near = min(1.0, max(0.0, (similarity.cosine - _FAR_COSINE) / (_NEAR_COSINE - _FAR_COSINE)))
    values = {"coverage": similarity.coverage, "near": near, "lift": similarity.lift}
    if keywords is not None:
        values |= {"said": keywords.said, "all_said": keywords.said**2, "denied": net_denial(witness)}
    words = [found.keywords.together for found in opposites if found.keywords is not None]
    return values | {"opposite_words": max(words, default=0.0)} | _judged(witness.opinion, opposites)


def claim_values(
    witness: StatementWitness, opposites: Sequence[StatementWitness], nearest_criterion: float
) -> dict[str, float]:
    """What is measured of a misconception, by the names that weights have.

    Args:
        witness: what is measured of its statement.
        opposites: what is measured of the criteria that it contradicts.
        nearest_criterion: the highest cosine, in [-1, 1], of any criterion's statement to a clause of the answer.
    """
    similarity, keywords = witness.similarity, witness.keywords
    margin = max(-_MARGIN, min(_MARGIN, similarity.cosine - nearest_criterion))
    values = {"coverage": similarity.coverage, "margin": margin}
    if keywords is not None:
        # half of an error's words are no error
        values |= {"together": keywords.together, "all_together": keywords.together**3}
    words = [found.keywords.said for found in opposites if found.keywords is not None]
    return values | {"opposite_words": max(words, default=0.0)} | _judged(witness.opinion, opposites)


def whole_values(witnesses: Witnesses) -> dict[str, float]:
    """What is measured of an answer to a drafted rubric as a whole.

    That is its reading against the reference, and the judge's opinions on the reference's clauses as one: how much is
    said, and how surely any of it is denied.
    """
    opinions = [found.opinion for found in witnesses.criteria if found.opinion is not None]
    if not opinions:
        return witnesses.reference.values
    said = sum(opinion.said for opinion in opinions) / len(opinions)
    denied = max(opinion.contradicted for opinion in opinions)
    return witnesses.reference.values | _judged_as_read(Opinion(said, denied))


def drafted_mark(witnesses: Witnesses, learnt: Calibration) -> float:
    """The mark, in [0, 1], of an answer to a drafted rubric."""
    return learnt.drafted.expect(whole_values(witnesses))


def criterion_probability(
    witness: StatementWitness, opposites: Sequence[StatementWitness], learnt: Calibration
) -> float:
    """The probability, in [0, 1], that an answer meets a criterion (see `criterion_values`)."""
    if witness.reading is not None:
        return learnt.drafted.expect(witness.reading.values | _judged_as_read(witness.opinion))
    likelihood = learnt.bare_criterion if witness.keywords is None else learnt.criterion
    return likelihood.probability(criterion_values(witness, opposites))


def denial_probability(witness: StatementWitness, opposites: Sequence[StatementWitness], learnt: Calibration) -> float:
    """The probability, in [0, 1], that an answer says the contrary of a criterion (see `criterion_values`)."""
    likelihood = learnt.bare_denial if witness.keywords is None else learnt.denial
    return likelihood.probability(criterion_values(witness, opposites))


def claim_probability(
    witness: StatementWitness, opposites: Sequence[StatementWitness], nearest_criterion: float, learnt: Calibration
) -> float:
    """The probability, in [0, 1], that an answer claims a misconception (see `claim_values`)."""
    likelihood = learnt.bare_claim if witness.keywords is None else learnt.claim
    probability = likelihood.probability(claim_values(witness, opposites, nearest_criterion))
    return min(probability, _OPEN) if _words_say_the_contrary(witness, opposites) else probability


def _words_say_the_contrary(witness: StatementWitness, opposites: Sequence[StatementWitness]) -> bool:
    """Whether an answer has the words of all criteria that a misconception contradicts, and few of its own.

    `The encoder compresses, the decoder rebuilds` comes near to its mirror image by vectors; words tell the two apart.
    """
    if witness.keywords is None or witness.keywords.together >= _FEW_WORDS or _is_believed(witness):
        return False
    words = [found.keywords.said for found in opposites if found.keywords is not None]
    return bool(words) and min(words) >= _MOST_WORDS


def is_denied_in_words(witness: StatementWitness) -> bool:
    """Whether an answer denies a statement's keywords and a judge, where one was asked, does not read it as said."""
    return net_denial(witness) >= _DENIED and not _is_believed(witness)


def _is_believed(witness: StatementWitness) -> bool:
    return witness.opinion is not None and witness.opinion.said >= _BELIEVED


def net_denial(witness: StatementWitness) -> float:
    """How far an answer's words deny a statement more than they say it, in [0, 1]."""
    keywords = witness.keywords
    return 0.0 if keywords is None else max(0.0, keywords.denied - keywords.said)


def _judged_as_read(opinion: Opinion | None) -> dict[str, float]:
    return {} if opinion is None else {"judged_said": opinion.said, "judged_contradicted": opinion.contradicted}


def _judged(opinion: Opinion | None, opposites: Sequence[StatementWitness]) -> dict[str, float]:
    if opinion is None:
        return {}
    others = [found.opinion for found in opposites if found.opinion is not None]
    said = max((other.said for other in others), default=0.0)
    contradicted = max((other.contradicted for other in others), default=0.0)
    return _judged_as_read(opinion) | {
        "judged_surely": _surely(opinion.said),
        "judged_denied": _surely(opinion.contradicted),
        "opposite_said": said,
        "opposite_surely": _surely(said),
        "opposite_contradicted": contradicted,
        "opposite_denied": _surely(contradicted),
    }


def _surely(probability: float) -> float:
    """Log-odds, cut at `_SURE` on both sides, in [0, 1]: the difference of .9 and .99 counts like that of .5 and .9."""
    clipped = min(1 - 1e-6, max(1e-6, probability))
    return 0.5 + max(-_SURE, min(_SURE, math.log(clipped / (1 - clipped)))) / (2 * _SURE)
