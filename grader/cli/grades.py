"""`grader grades`: the grades that a service keeps, asked of it or read in its database."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.kept import OfBank, OfQuestion, Tenant, kept_grades
from grader.cli.options import AsJson, BankPaths, Threshold
from grader.cli.regrade import regrade
from grader.cli.remote import Server
from grader.cli.serve import DatabaseUrl, DataDir
from grader.cli.waiting import Wait, wait_for_revision

if TYPE_CHECKING:
    from grader.grade import Label, Verdict

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The grades that a service keeps.")

GradeId = Annotated[str, typer.Argument(metavar="GRADE_ID", help="A grade's id: see grader grades list.")]
_PAGE = 200  # grades in one call


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
    with kept_grades(context, server, tenant, database_url=database_url, data_dir=data_dir) as grades:
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
    wait: Wait = None,
    as_json: AsJson = False,
    server: Server = None,
    tenant: Tenant = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Show a grade, and what persons decided about it."""
    with kept_grades(context, server, tenant, database_url=database_url, data_dir=data_dir) as grades:
        found = wait_for_revision(grades.get_grade, grades.get_grade(grade_id), wait)
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
    threshold: Threshold = None,
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
    with kept_grades(context, server, tenant, **chosen) as grades:
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


app.command()(regrade)
