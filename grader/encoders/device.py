"""Which device and dtype to compute on, and why."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from grader.errors import DeviceUnavailable

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and in which precision a model runs, each with the reason for the choice."""

    device: str
    device_reason: str
    dtype_name: str
    dtype_reason: str

    @property
    def dtype(self) -> torch.dtype:
        """The torch dtype."""
        return _DTYPES[self.dtype_name]


def place(device: str, dtype: str) -> Placement:
    """Choose a device and dtype.

    Args:
        device: `auto` (cuda, then mps, then cpu) or a torch device such as `cuda:1`.
        dtype: `auto` (bf16 where the device computes it natively, else fp32), `fp32`, `bf16` or `fp16`.

    Raises:
        DeviceUnavailable: this machine does not have what was asked for.
    """
    chosen, device_reason = _choose_device(device)
    name, dtype_reason = _choose_dtype(dtype, chosen)
    return Placement(chosen, device_reason, name, dtype_reason)


def _choose_device(asked: str) -> tuple[str, str]:
    if asked != "auto":
        _check_device(asked)
        return asked, "asked for"
    if torch.cuda.is_available():
        return "cuda", "auto: CUDA is available"
    if torch.backends.mps.is_available():
        return "mps", "auto: no CUDA, Metal is available"
    return "cpu", "auto: neither CUDA nor Metal is available"


def _check_device(asked: str) -> None:
    try:
        torch.empty(1, device=asked)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # what torch raises differs by back end
        raise DeviceUnavailable(f"device {asked!r}: {str(error).splitlines()[0]}") from error


def _choose_dtype(asked: str, device: str) -> tuple[str, str]:
    if asked in _DTYPES:
        return asked, "asked for"
    if asked != "auto":
        raise DeviceUnavailable(f"dtype {asked!r}: one of auto, {', '.join(_DTYPES)}")
    if device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16", "auto: this GPU computes bf16 natively"
    if device == "cpu" and _cpu_computes_bf16():
        return "bf16", "auto: this CPU has bf16 instructions (AMX or AVX-512)"
    return "fp32", "auto: no native bf16 on this device"


def _cpu_computes_bf16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("amx_bf16", "avx512_bf16", "bf16"))


def compute_with(threads: int) -> None:
    """Let what this process computes on its processor take so many threads, or fewer where it was told so before."""
    torch.set_num_threads(min(threads, torch.get_num_threads()))
