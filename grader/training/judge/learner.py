"""A network that learns: it computes in the device's precision and keeps its weights in fp32.

Steps are too small for bf16 to hold them, so the optimizer moves fp32 masters, of which the network has copies.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from grader.encoders.cross_encoder import CrossEncoder
from grader.encoders.device import Placement
from grader.training.judge.loss import weighted_loss
from grader.training.judge.material import Batch
from grader.training.judge.plan import HEAD

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what AdamW keeps of a tensor
_CLIP = 1.0  # the longest gradient
_HEAD_NAMES = ("hidden.", "outcome.")


class Learner:
    """A cross-encoder on a device, its fp32 masters and AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101)."""

    def __init__(self, network: CrossEncoder, placement: Placement) -> None:
        self.device = placement.device
        masters = {
            name: weight.detach().to(self.device, torch.float32, copy=True)
            for name, weight in network.named_parameters()
            if weight.requires_grad
        }
        self.network = network.to(placement.device, placement.dtype)
        self._names = sorted(masters, key=lambda name: name.startswith(_HEAD_NAMES))  # the head's last
        self._masters = [masters[name] for name in self._names]
        weights = dict(self.network.named_parameters())
        self._weights = [weights[name] for name in self._names]
        self._optimizer = self._adamw()

    def learn(self, batch: Batch, rate: float) -> float:
        """One step; the loss before it, in nats."""
        self.network.train()
        for group, factor in zip(self._optimizer.param_groups, (1.0, HEAD), strict=True):
            group["lr"] = rate * factor
        loss = weighted_loss(self.network(batch.ids, batch.types, batch.mask), batch.outcomes, batch.weights)
        loss.backward()  # type: ignore[no-untyped-call] # torch annotates it not at all
        for weight, master in zip(self._weights, self._masters, strict=True):
            master.grad = torch.zeros_like(master) if weight.grad is None else weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self._masters, _CLIP)
        self._optimizer.step()
        self._copy()
        return float(loss.detach())

    def learnt(self) -> dict[str, Tensor]:
        """What a judge's file holds, in fp16: the network's own tensors, as the masters have them."""
        return {name: master.half().cpu().contiguous() for name, master in self._named()}

    def state(self) -> dict[str, Tensor]:
        """All that a training needs to go on: the masters and what the optimizer keeps of each."""
        found = {f"master.{name}": master.cpu() for name, master in self._named()}
        for name, master in self._named():
            kept = self._optimizer.state[master]
            found.update({f"{moment}.{name}": kept[moment].cpu() for moment in _MOMENTS if moment in kept})
        return found

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave.

        Raises:
            KeyError, RuntimeError: it is that of another network.
        """
        for name, master in self._named():
            master.copy_(state[f"master.{name}"])
            self._optimizer.state[master] = {moment: state[f"{moment}.{name}"].to(self.device) for moment in _MOMENTS}
        self._copy()

    def _adamw(self) -> torch.optim.AdamW:
        head = sum(name.startswith(_HEAD_NAMES) for name in self._names)
        groups = [{"params": self._masters[:-head]}, {"params": self._masters[-head:]}]
        return torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98), fused=True)

    def _named(self) -> list[tuple[str, Tensor]]:
        return list(zip(self._names, self._masters, strict=True))

    @torch.no_grad()
    def _copy(self) -> None:
        for weight, master in zip(self._weights, self._masters, strict=True):
            weight.copy_(master)
