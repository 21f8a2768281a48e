"""How often a judge is right on examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

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
    """How a judge does on some examples.

    Attributes:
        right: the share judged right.
        loss: the mean loss, in nats.
        auc: how often an example that says its statement is found to say it more than one that does not (the area
            under the ROC curve), which no shift in what is commonest changes; None where there are not both.
    """

    examples: int
    right: float
    loss: float
    auc: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Accuracies of all examples, and of each source."""

    overall: Accuracy
    sources: Mapping[str, Accuracy]

    def beats(self, other: Measured) -> bool:
        """Whether it is ahead in what is judged right, told apart or lost, and behind in neither of the first two.

        More that is judged right may be no more than knowing what is commonest; so it is not enough.
        """
        mine, others = self.overall, other.overall
        apart, apart_then = (0.0 if one.auc is None else one.auc for one in (mine, others))
        if mine.right < others.right or apart < apart_then:
            return False
        return mine.right > others.right or apart > apart_then or mine.loss < others.loss


def measure(network: CrossEncoder, device: str, material: Material, progress: Progress) -> Measured:
    """The accuracies of a network on a device on examples, of which there is one at least.

    An example is judged right where its outcome is the likeliest; `NOT_SAID`, where that is not `SAID`.
    """
    logits, loss = _judged(network, device, material, progress)
    sources = {str(name): material.sources == name for name in np.unique(material.sources)}
    found = {name: _accuracy(logits[some], loss[some], material.outcomes[some]) for name, some in sources.items()}
    return Measured(_accuracy(logits, loss, material.outcomes), found)


@torch.no_grad()
def _judged(network: CrossEncoder, device: str, material: Material, progress: Progress) -> tuple[Array, Array]:
    """Shapes (n, 3) and (n,): for each example the logits, and the loss."""
    network.eval()
    found, loss = np.zeros((len(material), len(OUTCOMES))), np.zeros(len(material))
    for places in material.in_order(_BATCH):
        batch = material.batch(places, device)
        logits = network(batch.ids, batch.types, batch.mask)
        loss[places] = losses(logits, batch.outcomes).cpu().numpy()
        found[places] = logits.float().cpu().numpy()
        progress(len(places))
    return found, loss


def _accuracy(logits: Array, loss: Array, outcomes: npt.NDArray[np.int64]) -> Accuracy:
    likeliest, said = logits.argmax(axis=1), outcomes == int(Outcome.SAID)
    not_said = (outcomes == int(Outcome.NOT_SAID)) & (likeliest != OUTCOMES.index("said"))
    right = (likeliest == outcomes) | not_said
    auc = float(roc_auc_score(said, softmax(logits, axis=1)[:, 0])) if len(set(said.tolist())) == 2 else None
    return Accuracy(len(outcomes), float(right.mean()), float(loss.mean()), auc)
