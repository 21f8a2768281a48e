"""`grader doctor`: what this machine grades with, and why."""

from __future__ import annotations

import json
import platform
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

import typer

from grader import __version__
from grader.cli.options import AsJson, CacheDir, Device, Dtype, Model, settings

if TYPE_CHECKING:
    from grader.encoders.protocol import Encoder

_LIBRARIES = ("torch", "transformers", "sentence-transformers", "numpy", "pydantic", "rapidfuzz", "google-re2")
_TEXTS, _ROUNDS = 128, 3
_SENTENCE = "Sentence {turn} {number} says that a network of many layers learns patterns which it sees again and again."


def doctor(
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    dtype: Dtype = None,
    cache_dir: CacheDir = None,
) -> None:
    """Tell versions, paths, the device and dtype with the reasons for them, and a measured encode rate."""
    chosen = settings(model=model, device=device, dtype=dtype, cache_dir=cache_dir)
    from grader.encoders.sentence import load_encoder
    from grader.rooms import models_folder, rubrics_folder

    begin = time.perf_counter()
    encoder = load_encoder(chosen.model, chosen.device, chosen.dtype)
    loaded = time.perf_counter() - begin
    placement = encoder.placement
    facts = {
        "grader": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        **{name: version(name) for name in _LIBRARIES},
        "banks": str(rubrics_folder()),
        "registry": str(models_folder() / "registry.toml"),
        "cache": str(chosen.cache_dir),
        "model": f"{encoder.files.name} (verified, {encoder.dimension} dimensions, window of {encoder.window} pieces)",
        "model files": str(encoder.files.folder),
        "device": f"{placement.device} ({placement.device_reason})",
        "dtype": f"{placement.dtype_name} ({placement.dtype_reason})",
        "loaded in": f"{loaded:.1f} s",
        "encode rate": f"{_encode_rate(encoder):.0f} sentences of 20 words a second (measured now)",
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    width = max(map(len, facts))
    for name, fact in facts.items():
        typer.echo(f"{name:<{width}}  {fact}")


def _encode_rate(encoder: Encoder) -> float:
    """The best of a few rounds, in texts a second: the first warms up, and other programs only slow one down."""
    rates = []
    for turn in range(_ROUNDS):
        texts = [_SENTENCE.format(turn=turn, number=number) for number in range(_TEXTS)]
        begin = time.perf_counter()
        encoder.encode(texts)
        rates.append(_TEXTS / (time.perf_counter() - begin))
    return max(rates)
