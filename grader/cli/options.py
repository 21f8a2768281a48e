"""Options that several verbs share, and the settings they make."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from grader.settings import Settings

BankPaths = Annotated[
    list[Path] | None,
    typer.Option("--banks", envvar="GRADER_BANKS", help="A bank file, or a folder of them, beside the built-in banks."),
]
Model = Annotated[
    str | None,
    typer.Option(
        envvar="GRADER_MODEL",
        help="A registered name, a sentence-transformers folder, or NAME@REVISION. Default: all-MiniLM-L6-v2.",
    ),
]
Judge = Annotated[
    str | None,
    typer.Option(
        envvar="GRADER_JUDGE",
        help="What reads answers against criteria: a registered name, a .safetensors file, or off. Default: claims-1.",
    ),
]
Device = Annotated[
    str | None, typer.Option(envvar="GRADER_DEVICE", help="auto, or a torch device such as cpu or cuda:1.")
]
Dtype = Annotated[str | None, typer.Option(envvar="GRADER_DTYPE", help="auto, fp32, bf16 or fp16.")]
CacheDir = Annotated[
    Path | None, typer.Option(envvar="GRADER_CACHE_DIR", help="Where encoded questions are kept between runs.")
]
AsJson = Annotated[bool, typer.Option("--json", envvar="GRADER_JSON", help="Print JSON.")]


def settings(**given: Any) -> Settings:  # Any: whatever a verb's options are; Settings validates them
    """Settings from the options that were given; the rest from the environment and the defaults."""
    return Settings(**{name: value for name, value in given.items() if value is not None})
