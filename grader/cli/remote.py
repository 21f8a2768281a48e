"""A running service instead of this process: the option that names it, and the client of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from grader_api.client import Client

Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="GRADER_SERVER",
        metavar="URL",
        help="Have a running service do it, as http://127.0.0.1:8000; its key is taken from GRADER_API_KEY.",
    ),
]
_KEY = "GRADER_API_KEY"  # no option: what stands on a command line can be read by every user of the machine
_OF_THE_SERVICE = (
    "banks", "model", "judge", "scale", "device", "dtype", "cache_dir", "threshold", "max_answer_bytes",
    "judge_mode", "max_judge_cost", "max_judge_tokens", "database_url", "data_dir", "tenant",
    "engine", "address", "cores_per_actor", "actors_per_gpu",
)  # fmt: skip


def connect(context: typer.Context, server: str) -> Client:
    """A client of the service, for a `with` statement.

    Raises:
        typer.BadParameter: an option was given that is the service's own to set.
        CallError: the address or the key cannot be one.
    """
    for name in _OF_THE_SERVICE:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise typer.BadParameter("the service has its own; leave it out with --server", param_hint=option)
    from grader_api.client import Client

    return Client(server, os.environ.get(_KEY) or None)
