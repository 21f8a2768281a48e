"""`grader serve`: the REST service."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.options import GRADING, Given, shared_options
from grader.errors import ExtraMissing

if TYPE_CHECKING:
    from grader_api.settings import ServiceSettings

    from grader.grading import Grader
    from grader.llm.judge import ChatJudge

_LIBRARIES = ("fastapi", "sqlalchemy", "alembic", "uvicorn", "jinja2")

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar="GRADER_DATABASE_URL",
        help="The database: postgresql://…, or sqlite:///FILE. Default: a SQLite file in the data folder.",
    ),
]
DataDir = Annotated[Path | None, typer.Option(envvar="GRADER_DATA_DIR", help="Where the SQLite file is kept.")]


@shared_options(*GRADING, "scale", "threshold")
def serve(
    host: Annotated[str | None, typer.Option(envvar="GRADER_HOST", help="Listen here. Default: 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(envvar="GRADER_PORT", min=0, max=65535, help="Default: 8000; 0 takes a free one.")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    *,
    given: Given,
) -> None:
    """Serve grades over HTTP, until Ctrl-C. Limits are set by GRADER_… variables: see api/README.md.

    Any address but this machine's own needs a key first: grader keys create.
    """
    chosen = service_settings(**given, host=host, port=port, database_url=database_url, data_dir=data_dir)
    from grader_api.server import serve as run

    run(
        chosen,
        lambda: grader_of(chosen),
        lambda address: typer.echo(f"grader serves on {address}", err=True),
        judge_of(chosen),
    )


def service_settings(**given: Any) -> ServiceSettings:  # Any: whatever a verb's options are; the settings validate them
    """The service's settings from the options that were given; the rest from the environment and the defaults.

    Raises:
        ExtraMissing: the service's libraries are not installed.
    """
    for library in _LIBRARIES:
        if find_spec(library) is None:
            raise ExtraMissing(library, "serve")
    from grader_api.settings import ServiceSettings

    return ServiceSettings(**{name: value for name, value in given.items() if value is not None})


def grader_of(chosen: ServiceSettings) -> Grader:
    """The grader of a service, its models loaded."""
    from grader.bank.library import load_library
    from grader.loading import load_grader

    return load_grader(chosen, load_library(chosen.banks, chosen.cache_dir))


def judge_of(chosen: ServiceSettings) -> ChatJudge | None:
    """The language model of a service, which keeps its replies in memory: what a candidate has erased is nowhere."""
    from grader_api.replies import RecentReplies

    from grader.loading import remote_judge

    return remote_judge(chosen, RecentReplies())
