"""`grader grades`: the grades that a service keeps, asked of it or read in its database."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from grader.cli.options import AsJson, BankPaths, CacheDir, Device, Dtype, Judge, Model
from grader.cli.progress import progress_bar
from grader.cli.remote import Server, connect
from grader.cli.serve import DatabaseUrl, DataDir, grader_of, service_settings

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

    from grader.grade import Label, Verdict

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The grades that a service keeps.")

GradeId = Annotated[str, typer.Argument(metavar="GRADE_ID", help="A grade's id: see grader grades list.")]
OfQuestion = Annotated[str | None, typer.Option("--question", envvar="GRADER_QUESTION_ID", help="Of this question.")]
OfBank = Annotated[str | None, typer.Option("--bank", envvar="GRADER_BANK", help="Of this bank's questions.")]
Tenant = Annotated[
    str | None, typer.Option(envvar="GRADER_TENANT", help="Whose grades in the database. Default: default.")
]
_PAGE = 200  # grades in one call


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


class By(StrEnum):
    """Which of two kinds a list holds."""

    YES = "yes"
    NO = "no"


@app.command("list")
def list_all(
    context: typer.Context,
    question: OfQuestion = None,
    bank: OfBank = None,
    candidate: Annotated[str | None, typer.Option(envvar="GRADER_CANDIDATE", help="Of this candidate.")] = None,
    label: Annotated[
        str | None, typer.Option(envvar="GRADER_LABEL", metavar="correct|partial|incorrect", help="With this label.")
    ] = None,
    needs_review: Annotated[
        By | None, typer.Option(envvar="GRADER_NEEDS_REVIEW", help="Whether a person should look.")
    ] = None,
    passed: Annotated[By | None, typer.Option(envvar="GRADER_PASSED", help="Whether the machine passed them.")] = None,
    after: Annotated[
        datetime | None, typer.Option(envvar="GRADER_AFTER", help="Made at this time (UTC) or later.")
    ] = None,
    before: Annotated[
        datetime | None, typer.Option(envvar="GRADER_BEFORE", help="Made before this time (UTC).")
    ] = None,
    superseded: Annotated[
        bool, typer.Option("--superseded", envvar="GRADER_SUPERSEDED", help="Those too that were made again since.")
    ] = False,
    limit: Annotated[int, typer.Option(envvar="GRADER_LIMIT", min=1, help="The most to list.")] = 50,
    as_json: AsJson = False,
    server: Server = None,
    tenant: Tenant = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """List grades, newest first."""
    with _grades(context, server, tenant, database_url=database_url, data_dir=data_dir) as grades:
        from grader_api.pages import follow
        from grader_api.schemas import GradeFilters

        filters = GradeFilters(
            question_id=question,
            bank=bank,
            candidate_id=candidate,
            label=_label(label),
            needs_review=None if needs_review is None else needs_review is By.YES,
            passed=None if passed is None else passed is By.YES,
            created_after=after,
            created_before=before,
            superseded=superseded,
            limit=min(limit, _PAGE),
        )
        found = list(islice(follow(grades.list_grades, filters), limit))
    if as_json:
        rows = [grade.model_dump(mode="json") for grade in found]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        from grader.cli.grades_table import show_grades

        show_grades(found) if found else typer.echo("no grades", err=True)


def _label(told: str | None) -> Label | None:
    from grader.grade import Label

    if told is not None and told not in set(Label):
        raise typer.BadParameter(f"{told!r} is none of {', '.join(Label)}", param_hint="--label")
    return None if told is None else Label(told)


@app.command()
def show(
    context: typer.Context,
    grade_id: GradeId,
    explain: Annotated[
        bool, typer.Option("--explain", envvar="GRADER_EXPLAIN", help="Show signals, and the evidence in the answer.")
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
    tenant: Tenant = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Show a grade, and what persons decided about it."""
    with _grades(context, server, tenant, database_url=database_url, data_dir=data_dir) as grades:
        found = grades.get_grade(grade_id)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        from grader.cli.grades_table import show_kept

        show_kept(found, explain=explain)


@app.command()
def override(
    context: typer.Context,
    grade_id: GradeId,
    author: Annotated[str, typer.Option(envvar="GRADER_AUTHOR", help="Who decides.")],
    reason: Annotated[str, typer.Option(envvar="GRADER_REASON", help="Why.")],
    score: Annotated[
        float | None, typer.Option(envvar="GRADER_SCORE", min=0, max=1, help="The score that holds from now on.")
    ] = None,
    verdict: Annotated[
        list[str] | None,
        typer.Option(metavar="CRITERION=VERDICT", help="A criterion's verdict, from which the score follows."),
    ] = None,
    as_json: AsJson = False,
    server: Server = None,
    tenant: Tenant = None,
    threshold: Annotated[
        float | None, typer.Option(envvar="GRADER_THRESHOLD", min=0, max=1, help="The pass mark. Default: 0.6.")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    banks: BankPaths = None,
) -> None:
    """Decide about a grade. The machine's grade stays; the last decision is the one that holds.

    Example: grader grades override grade_4f… --author Ada --reason "says it in other words" --verdict less-noise=met
    """
    if score is None and not verdict:
        raise typer.BadParameter("decide something: --score, or --verdict CRITERION=VERDICT")
    verdicts = dict(map(_verdict, verdict or []))
    chosen = {"threshold": threshold, "database_url": database_url, "data_dir": data_dir, "banks": banks}
    with _grades(context, server, tenant, **chosen) as grades:
        from grader_api.schemas import OverrideCreate

        create = OverrideCreate(author=author, reason=reason, score=score, verdicts=verdicts)
        made = grades.override(grade_id, create)
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
    else:
        from grader.cli.grades_table import show_override

        show_override(made)


def _verdict(told: str) -> tuple[str, Verdict]:
    from grader.grade import Verdict

    criterion, _, verdict = told.partition("=")
    if verdict not in set(Verdict):
        known = ", ".join(Verdict)
        raise typer.BadParameter(f"{told!r} is no CRITERION=VERDICT with one of {known}", param_hint="--verdict")
    return criterion, Verdict(verdict)


@app.command()
def regrade(
    context: typer.Context,
    question: OfQuestion = None,
    bank: OfBank = None,
    grade_id: Annotated[list[str] | None, typer.Option("--grade", help="This grade; may be repeated.")] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run/--keep", envvar="GRADER_DRY_RUN", help="Tell what would change, or keep new grades."),
    ] = True,
    as_json: AsJson = False,
    server: Server = None,
    tenant: Tenant = None,
    threshold: Annotated[
        float | None, typer.Option(envvar="GRADER_THRESHOLD", min=0, max=1, help="The pass mark. Default: 0.6.")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    banks: BankPaths = None,
    model: Model = None,
    judge: Judge = None,
    device: Device = None,
    dtype: Dtype = None,
    cache_dir: CacheDir = None,
) -> None:
    """Grade stored answers again, by the banks as they are now: who would cross the pass mark, and with --keep, does.

    Grades that a person has decided about are left alone.

    Example: grader grades regrade --bank my-bank --dry-run
    """
    if sum(part is not None for part in (question, bank, grade_id)) != 1:
        raise typer.BadParameter("say which answers: one of --question, --bank, --grade")
    chosen = {"threshold": threshold, "database_url": database_url, "data_dir": data_dir, "banks": banks}
    chosen |= {"model": model, "judge": judge, "device": device, "dtype": dtype, "cache_dir": cache_dir}
    with _grades(context, server, tenant, **chosen) as grades:
        from grader_api.schemas import RegradeCreate

        wanted = None if grade_id is None else tuple(grade_id)
        done = _regrade_all(grades, RegradeCreate(question_id=question, bank=bank, grade_ids=wanted, dry_run=dry_run))
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        from grader.cli.grades_table import show_regrade

        show_regrade(done)


def _regrade_all(grades: Grades, create: RegradeCreate) -> RegradeOut:
    """Call by call until all are done; what they found together."""
    done = None
    with progress_bar("grading again", None) as advance:
        while True:
            part = grades.regrade(create)
            advance(part.considered)
            done = part if done is None else _together(done, part)
            if part.next_cursor is None:
                return done
            create = create.model_copy(update={"cursor": part.next_cursor})


def _together(first: RegradeOut, second: RegradeOut) -> RegradeOut:
    sums = {name: getattr(first, name) + getattr(second, name) for name in ("considered", "unchanged")}
    lists = {name: getattr(first, name) + getattr(second, name) for name in ("skipped", "failed", "changes")}
    return second.model_copy(update=sums | lists)


def _grades(
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
