"""The grades that a service keeps: asked of it, or read in its database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from grader.cli.remote import connect
from grader.cli.serve import grader_of, service_settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from grader_api.schemas import (
        GradeFilters,
        GradeOut,
        GradePage,
        OverrideCreate,
        OverrideOut,
        RegradeCreate,
        RegradeOut,
    )

OfQuestion = Annotated[str | None, typer.Option("--question", envvar="GRADER_QUESTION_ID", help="Of this question.")]
OfBank = Annotated[str | None, typer.Option("--bank", envvar="GRADER_BANK", help="Of this bank's questions.")]
Tenant = Annotated[
    str | None, typer.Option(envvar="GRADER_TENANT", help="Whose grades in the database. Default: default.")
]


class Grades(Protocol):
    """Where grades are kept: a service, or a database at hand."""

    def get_grade(self, grade_id: str) -> GradeOut:
        """A grade, with what persons decided about it."""
        ...

    def list_grades(self, filters: GradeFilters | None = None) -> GradePage:
        """One page of grades, newest first."""
        ...

    def override(self, grade_id: str, create: OverrideCreate) -> OverrideOut:
        """Decide about a grade."""
        ...

    def regrade(self, create: RegradeCreate) -> RegradeOut:
        """Grade stored answers again, or tell what would change."""
        ...


def kept_grades(
    context: typer.Context, server: str | None, tenant: str | None, **given: str | float | Path | list[Path] | None
) -> AbstractContextManager[Grades]:
    """The grades of the service, or those of one tenant in the database that the settings name.

    Raises:
        ExtraMissing: there is no service to ask, and its libraries are not installed here.
    """
    if server:
        return connect(context, server)
    chosen = service_settings(**given)
    from grader_api.local import LocalGrades

    from grader.bank.library import load_library

    return LocalGrades(
        chosen,
        tenant or "default",
        lambda: load_library(chosen.banks, chosen.cache_dir),
        lambda: grader_of(chosen),
    )
