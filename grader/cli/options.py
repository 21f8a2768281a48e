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
JudgeMode = Annotated[
    str | None,
    typer.Option(
        metavar="[off|review|always]",
        envvar="GRADER_JUDGE_MODE",
        help="Ask a language model too: about answers that need review, or about all. Default: off. Where and which: "
        "GRADER_JUDGE_BASE_URL, GRADER_JUDGE_MODEL, GRADER_JUDGE_API_KEY.",
    ),
]
MaxJudgeCost = Annotated[
    float | None,
    typer.Option(
        envvar="GRADER_MAX_JUDGE_COST",
        min=0,
        help="The most to spend on the language model, by GRADER_JUDGE_PRICE_READ and GRADER_JUDGE_PRICE_WRITTEN (for "
        "a million tokens).",
    ),
]
MaxJudgeTokens = Annotated[
    int | None,
    typer.Option(envvar="GRADER_MAX_JUDGE_TOKENS", min=0, help="The most tokens to use on it, read and written."),
]
Device = Annotated[
    str | None, typer.Option(envvar="GRADER_DEVICE", help="auto, or a torch device such as cpu or cuda:1.")
]
Dtype = Annotated[str | None, typer.Option(envvar="GRADER_DTYPE", help="auto, fp32, bf16 or fp16.")]
CacheDir = Annotated[
    Path | None, typer.Option(envvar="GRADER_CACHE_DIR", help="Where encoded questions are kept between runs.")
]
Scale = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", envvar="GRADER_SCALE", help="Move scores to a marker's scale, as grader calibrate wrote it."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", envvar="GRADER_JSON", help="Print JSON.")]


def settings(**given: Any) -> Settings:  # Any: whatever a verb's options are; Settings validates them
    """Settings from the options that were given; the rest from the environment and the defaults."""
    return Settings(**{name: value for name, value in given.items() if value is not None})
