"""What each process of a cluster gets, and how many processes there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import EngineError

Resources = Mapping[str, float]
"""What a machine of a cluster has: `CPU`, `GPU` and more."""


@dataclass(frozen=True, slots=True)
class Share:
    """What each process that grades gets.

    Attributes:
        cores: of its machine.
        gpu: how much of a GPU, in (0, 1]; None for none.
    """

    cores: int
    gpu: float | None = None

    def fit(self, machines: Sequence[Resources]) -> int:
        """How many processes the machines have room for."""
        return sum(self._fit(machine) for machine in machines)

    def _fit(self, machine: Resources) -> int:
        by_cores = int(machine.get("CPU", 0)) // self.cores
        return by_cores if self.gpu is None else min(by_cores, int(int(machine.get("GPU", 0)) / self.gpu))


def share(machines: Sequence[Resources], device: str, cores: int, per_gpu: int) -> Share:
    """What each process gets: a share of a GPU where there are any and they are not refused, else cores alone.

    Args:
        machines: of the cluster.
        device: as in the settings: `auto`, or a torch device.
        cores: for each process.
        per_gpu: how many processes share a GPU.

    Raises:
        EngineError: no machine has so much, or a GPU is wanted and there is none.
    """
    gpus = any(machine.get("GPU", 0) >= 1 for machine in machines)
    if device.startswith("cuda") and not gpus:
        raise EngineError(f"device {device!r}: no machine of the cluster has a GPU")
    wanted = Share(cores, 1 / per_gpu if gpus and (device == "auto" or device.startswith("cuda")) else None)
    if not wanted.fit(machines):
        most = max((int(machine.get("CPU", 0)) for machine in machines), default=0)
        raise EngineError(f"no machine of the cluster has {cores} cores for a process: the largest has {most}")
    return wanted
