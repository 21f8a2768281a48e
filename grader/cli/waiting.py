"""Waiting for what a language model makes of a grade."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from grader_api.schemas import GradeOut

Wait = Annotated[
    int | None,
    typer.Option(
        envvar="GRADER_WAIT",
        metavar="SECONDS",
        min=0,
        help="The longest time to wait for a language model's revision, where the service still asks for one.",
    ),
]
_EVERY_S = 0.5


def wait_for_revision(get: Callable[[str], GradeOut], grade: GradeOut, seconds: int | None) -> GradeOut:
    """The grade, revised where a revision is pending and comes in time; says so where it does not."""
    if not seconds or grade.revision != "pending":
        return grade
    from grader_api.awaiting import await_revision
    from rich.console import Console

    with Console(stderr=True).status("Waiting for the language model …"):
        found = await_revision(get, grade.id, seconds, _EVERY_S)
    if found.revision == "pending":
        typer.echo(f"no revision within {seconds} s; to wait on: grader grades show {grade.id} --wait 60", err=True)
    return found
