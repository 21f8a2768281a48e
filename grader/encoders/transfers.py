"""Arrays on their way to a device and back, so that neither side waits for the other.

CUDA copies from and to pinned memory while it computes (https://docs.pytorch.org/tutorials/intermediate/pinmem_nonblock);
other devices copy at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

from grader.encoders.protocol import Floats


def sent(array: npt.NDArray[Any], device: str) -> Tensor:
    """An array on a device, or on its way there: what is computed with it waits for it."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if _is_cuda(device) else tensor.to(device)


def fetched(tensor: Tensor) -> Callable[[], Floats]:
    """The values of a tensor, on their way from its device; what is returned waits for them."""
    wide = tensor.float()
    if not _is_cuda(wide.device.type):
        array: Floats = wide.cpu().numpy()
        return lambda: array
    here = torch.empty(wide.shape, dtype=wide.dtype, pin_memory=True)
    here.copy_(wide, non_blocking=True)
    arrived = torch.cuda.Event()  # type: ignore[no-untyped-call] # torch leaves it untyped
    arrived.record()

    def wait() -> Floats:
        arrived.synchronize()
        found: Floats = here.numpy()
        return found

    return wait


def _is_cuda(device: str) -> bool:
    return device.partition(":")[0] == "cuda"
