"""`grader mcp`: the tools of chatbots over stdio."""

from __future__ import annotations

from importlib.util import find_spec

from grader.cli.options import GRADING, Given, settings, shared_options
from grader.errors import ExtraMissing


@shared_options(*GRADING, "threshold")
def mcp(
    *,
    given: Given,
) -> None:
    """Serve the Model Context Protocol over stdin and stdout, for a chatbot to start.

    A client is told the command `grader` with the argument `mcp`. Over HTTP: grader serve, at /mcp.
    """
    if find_spec("mcp") is None:
        raise ExtraMissing("mcp", "mcp")
    from grader.bank.library import load_library
    from grader.loading import load_grader, remote_judge

    chosen = settings(**given)
    language_model = remote_judge(chosen)
    grader = load_grader(chosen, load_library(chosen.banks, chosen.cache_dir), language_model)
    from grader_api.mcp import LocalDoor, make_server

    door = LocalDoor(grader)
    make_server(lambda: door).run("stdio")
