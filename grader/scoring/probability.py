"""Witnesses in, probability out: whether a criterion is met, whether a misconception is claimed.

A drafted criterion is a clause of a reference: an answer is read against it as against a whole reference, by the learnt
combination. Elsewhere the weights are documented constants, rounded by hand on the exemplars of one bank; both
functions are monotone: what speaks for a statement never lowers its probability, what denies it never raises it.
"""

from __future__ import annotations

import math

from grader.scoring.combination import Combination
from grader.signals.witnesses import StatementWitness

SCORING = "constants-1"
"""The name, in receipts, of the constants by which witnesses become probabilities."""

# Criterion, in log-odds. Keywords said near the statement's meaning make it likely; keywords alone do not, since every
# answer to a neighbouring question has some; nearness alone does not, since every bluff has it. A close paraphrase
# without any of the keywords comes out even.
_BIAS, _SAID, _COVERAGE, _NEAR, _LIFT, _DENIED = -5.6, 5.4, 2.2, 2.6, 4.0, -5.0
_FAR_COSINE, _NEAR_COSINE = 0.2, 0.6  # of the nearest clause to the statement: another subject; the same subject
# Criterion without keywords to look for.
_BARE_BIAS, _BARE_COVERAGE, _BARE_NEAR, _BARE_LIFT = -6.5, 5.0, 3.5, 3.0
# Misconception: nothing less than its keywords in one sentence, or a clause nearer to it than to any criterion.
_CLAIM_BIAS, _CLAIM_TOGETHER, _CLAIM_COVERAGE, _CLAIM_MARGIN = -6.0, 7.0, 3.0, 6.0
_BARE_CLAIM_BIAS, _BARE_CLAIM_COVERAGE, _BARE_CLAIM_MARGIN = -4.0, 4.0, 10.0
_MARGIN = 0.3  # beyond it a cosine's margin says no more


def criterion_probability(witness: StatementWitness, reading: Combination) -> float:
    """The probability, in [0, 1], that an answer meets a criterion.

    Args:
        witness: what is measured of the criterion's statement.
        reading: the learnt combination, for criteria that were drafted.
    """
    if witness.reading is not None:
        return reading.expect(witness.reading.values)
    similarity, keywords = witness.similarity, witness.keywords
    near = min(1.0, max(0.0, (similarity.cosine - _FAR_COSINE) / (_NEAR_COSINE - _FAR_COSINE)))
    if keywords is None:
        return _logistic(
            _BARE_BIAS + _BARE_COVERAGE * similarity.coverage + _BARE_NEAR * near + _BARE_LIFT * similarity.lift
        )
    return _logistic(
        _BIAS
        + _SAID * keywords.said**2  # of three groups, two are often the topic's own words
        + _COVERAGE * similarity.coverage
        + _NEAR * near
        + _LIFT * similarity.lift
        + _DENIED * net_denial(witness)
    )


def net_denial(witness: StatementWitness) -> float:
    """How far an answer denies a statement more than it says it, in [0, 1]."""
    keywords = witness.keywords
    return 0.0 if keywords is None else max(0.0, keywords.denied - keywords.said)


def claim_probability(witness: StatementWitness, nearest_criterion: float) -> float:
    """The probability, in [0, 1], that an answer claims a misconception.

    Args:
        witness: what is measured of the misconception's statement.
        nearest_criterion: the highest cosine, in [-1, 1], of any criterion's statement to a clause of the answer.
    """
    similarity, keywords = witness.similarity, witness.keywords
    margin = max(-_MARGIN, min(_MARGIN, similarity.cosine - nearest_criterion))
    if keywords is None:
        return _logistic(_BARE_CLAIM_BIAS + _BARE_CLAIM_COVERAGE * similarity.coverage + _BARE_CLAIM_MARGIN * margin)
    return _logistic(
        _CLAIM_BIAS
        + _CLAIM_TOGETHER * keywords.together**3  # half of an error's words are no error
        + _CLAIM_COVERAGE * similarity.coverage
        + _CLAIM_MARGIN * margin
    )


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))
