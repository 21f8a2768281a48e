"""How often a judge is right on examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from grader.encoders.cross_encoder import OUTCOMES, CrossEncoder
from grader.training.judge.examples import Outcome
from grader.training.judge.loss import losses
from grader.training.judge.material import Material

_BATCH = 64  # examples at once

Array = npt.NDArray[np.float64]
Progress = Callable[[int], None]
"""Called with the number of examples that were done since the last call."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of some examples: how many, the share judged right, and the mean loss in nats."""

    examples: int
    right: float
    loss: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Accuracies of all examples, and of each source."""

    overall: Accuracy
    sources: Mapping[str, Accuracy]

    def beats(self, other: Measured) -> bool:
        """Whether more is judged right; where it is as much, whether the loss is smaller."""
        mine, others = self.overall, other.overall
        return (mine.right, -mine.loss) > (others.right, -others.loss)


def measure(network: CrossEncoder, device: str, material: Material, progress: Progress) -> Measured:
    """The accuracies of a network on a device on examples, of which there is one at least.

    An example is judged right where its outcome is the likeliest; `NOT_SAID`, where that is not `SAID`.
    """
    right, loss = _judged(network, device, material, progress)
    by_source = {
        str(name): _mean(right[material.sources == name], loss[material.sources == name])
        for name in np.unique(material.sources)
    }
    return Measured(_mean(right, loss), by_source)


@torch.no_grad()
def _judged(network: CrossEncoder, device: str, material: Material, progress: Progress) -> tuple[Array, Array]:
    """For each example whether it is judged right, and its loss."""
    network.eval()
    right, loss = np.zeros(len(material)), np.zeros(len(material))
    for places in material.in_order(_BATCH):
        batch = material.batch(places, device)
        logits = network(batch.ids, batch.types, batch.mask)
        loss[places] = losses(logits, batch.outcomes).cpu().numpy()
        right[places] = _is_right(logits.float().cpu().numpy(), material.outcomes[places])
        progress(len(places))
    return right, loss


def _is_right(logits: npt.NDArray[np.float32], outcomes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    likeliest = logits.argmax(axis=1)
    not_said = (outcomes == int(Outcome.NOT_SAID)) & (likeliest != OUTCOMES.index("said"))
    return np.asarray((likeliest == outcomes) | not_said)


def _mean(right: Array, loss: Array) -> Accuracy:
    return Accuracy(len(right), float(right.mean()), float(loss.mean()))
