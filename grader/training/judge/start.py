"""What a training starts from: a judge, or the encoder with a head that knows nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from grader.encoders.cross_encoder import CrossEncoder
from grader.encoders.loading_bars import no_loading_bars
from grader.encoders.registry import find_judge, find_model, load_registry
from grader.errors import ModelError


@dataclass(frozen=True, slots=True)
class Start:
    """Its name, the folder of the transformer under a judge, the judge's weights or None, and a hash (hex) of both."""

    name: str
    base: Path
    weights: Path | None
    digest: str


def find_start(spec: str) -> Start:
    """What is meant by a registered judge's name, a judge's safetensors file, or the default model's name.

    Another model would not do: a judge is read over the default one.

    Raises:
        ModelNotFound: nothing of that name is on this machine.
        ModelMismatch: a file is not the pinned one.
    """
    default = load_registry().default
    if spec == default:
        model = find_model(default)
        return Start(default, model.folder, None, model.digest)
    judge = find_judge(spec)
    return Start(judge.name, judge.base, judge.weights, hashlib.sha256(judge.digest.encode()).hexdigest())


def begin(start: Start, device: str, seed: int) -> CrossEncoder:
    """The network to train, in fp32.

    Args:
        start: as found.
        device: a torch device; decides only how attention is computed, since its backward pass by `sdpa` is slow on
            CPUs.
        seed: for the head's weights where there is no judge to start from.

    Raises:
        ModelError: the weights do not fit the transformer.
    """
    try:
        with no_loading_bars(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = CrossEncoder(start.base, "sdpa" if device.startswith("cuda") else "eager")
        if start.weights is not None:
            network.load_learnt({name: tensor.float() for name, tensor in load_file(start.weights).items()})
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise ModelError(f"{start.weights or start.base}: {' '.join(str(error).split())[:300]}") from error
    return network.float()
