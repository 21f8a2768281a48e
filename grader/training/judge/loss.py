"""How far a judge's outputs are from outcomes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from grader.training.judge.examples import Outcome


def losses(logits: Tensor, outcomes: Tensor) -> Tensor:
    """Shape (b,): cross-entropy in nats, where the probability of `NOT_SAID` is that of open and contradicted together.

    Args:
        logits: shape (b, 3), of the first three outcomes.
        outcomes: shape (b,), values of `Outcome`.
    """
    logs = log_softmax(logits.float(), dim=1)
    told = logs.gather(1, outcomes.clamp(max=int(Outcome.CONTRADICTED)).unsqueeze(1)).squeeze(1)
    not_said = torch.logsumexp(logs[:, 1:], dim=1)
    return -torch.where(outcomes == int(Outcome.NOT_SAID), not_said, told)


def weighted_loss(logits: Tensor, outcomes: Tensor, weights: Tensor) -> Tensor:
    """The mean of `losses` under weights of shape (b,), which are above 0."""
    return (losses(logits, outcomes) * weights).sum() / weights.sum()
