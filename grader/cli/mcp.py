"""`grader mcp`: the tools of chatbots over stdio."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from grader.cli.options import (
    BankPaths,
    CacheDir,
    Device,
    Dtype,
    Judge,
    JudgeMode,
    MaxJudgeCost,
    MaxJudgeTokens,
    Model,
    settings,
)
from grader.errors import ExtraMissing


def mcp(
    threshold: Annotated[
        float | None, typer.Option(envvar="GRADER_THRESHOLD", min=0, max=1, help="The pass mark. Default: 0.6.")
    ] = None,
    banks: BankPaths = None,
    model: Model = None,
    judge: Judge = None,
    judge_mode: JudgeMode = None,
    max_judge_cost: MaxJudgeCost = None,
    max_judge_tokens: MaxJudgeTokens = None,
    device: Device = None,
    dtype: Dtype = None,
    cache_dir: CacheDir = None,
) -> None:
    """Serve the Model Context Protocol over stdin and stdout, for a chatbot to start.

    A client is told the command `grader` with the argument `mcp`. Over HTTP: grader serve, at /mcp.
    """
    if find_spec("mcp") is None:
        raise ExtraMissing("mcp", "mcp")
    from grader.bank.library import load_library
    from grader.cli.loading import load_grader, remote_judge

    chosen = settings(
        banks=banks,
        model=model,
        judge=judge,
        judge_mode=judge_mode,
        max_judge_cost=max_judge_cost,
        max_judge_tokens=max_judge_tokens,
        device=device,
        dtype=dtype,
        cache_dir=cache_dir,
        threshold=threshold,
    )
    language_model = remote_judge(chosen)
    grader = load_grader(chosen, load_library(chosen.banks, chosen.cache_dir), language_model)
    from grader_api.mcp import LocalDoor, make_server

    door = LocalDoor(grader)
    make_server(lambda: door).run("stdio")
