"""Options that several verbs share, and the settings they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
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
        help="What reads answers against criteria: a registered name, a .safetensors file, or off. Default: claims-3.",
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
Threshold = Annotated[
    float | None, typer.Option(envvar="GRADER_THRESHOLD", min=0, max=1, help="The pass mark. Default: 0.6.")
]
MaxAnswerBytes = Annotated[
    int | None,
    typer.Option(envvar="GRADER_MAX_ANSWER_BYTES", min=1, help="The longest answer, in bytes. Default: 100000."),
]
AsJson = Annotated[bool, typer.Option("--json", envvar="GRADER_JSON", help="Print JSON.")]

_SHARED: Mapping[str, Any] = {
    "banks": BankPaths,
    "model": Model,
    "judge": Judge,
    "judge_mode": JudgeMode,
    "max_judge_cost": MaxJudgeCost,
    "max_judge_tokens": MaxJudgeTokens,
    "scale": Scale,
    "threshold": Threshold,
    "max_answer_bytes": MaxAnswerBytes,
    "device": Device,
    "dtype": Dtype,
    "cache_dir": CacheDir,
}
GRADING = (
    "banks",
    "model",
    "judge",
    "judge_mode",
    "max_judge_cost",
    "max_judge_tokens",
    "device",
    "dtype",
    "cache_dir",
)
"""The options of every verb that grades."""

Given = Mapping[str, Any]  # Any: whatever the options are; the settings validate them
"""The shared options that were given, by their names."""

_Verb = Callable[..., None]


def shared_options(*names: str) -> Callable[[_Verb], _Verb]:
    """Give a verb the shared options of these names, which reach it together as its parameter `given`."""

    def widened(verb: _Verb) -> _Verb:
        signature = inspect.signature(verb, eval_str=True)
        own = [one for one in signature.parameters.values() if one.name != "given"]
        kind = inspect.Parameter.KEYWORD_ONLY
        shared = [inspect.Parameter(name, kind, default=None, annotation=_SHARED[name]) for name in names]

        @wraps(verb)
        def called(**options: Any) -> None:  # Any: the verb's own options, and the shared ones
            given = {name: value for name in names if (value := options.pop(name)) is not None}
            verb(**options, given=given)

        # what typer reads options from
        called.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined] # of functions
        return called

    return widened


def settings(**given: Any) -> Settings:  # Any: as above
    """Settings from the options that were given; the rest from the environment and the defaults."""
    return Settings(**{name: value for name, value in given.items() if value is not None})
