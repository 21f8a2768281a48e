"""`grader grades regrade`: stored answers graded again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.kept import Grades, OfBank, OfQuestion, Tenant, kept_grades
from grader.cli.options import AsJson, Given, shared_options
from grader.cli.progress import progress_bar
from grader.cli.remote import Server
from grader.cli.serve import DatabaseUrl, DataDir

if TYPE_CHECKING:
    from grader_api.schemas import RegradeCreate, RegradeOut


@shared_options("banks", "model", "judge", "threshold", "device", "dtype", "cache_dir")
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
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    *,
    given: Given,
) -> None:
    """Grade stored answers again, by the banks as they are now: who would cross the pass mark, and with --keep, does.

    Grades that a person has decided about are left alone.

    Example: grader grades regrade --bank my-bank --dry-run
    """
    if sum(part is not None for part in (question, bank, grade_id)) != 1:
        raise typer.BadParameter("say which answers: one of --question, --bank, --grade")
    with kept_grades(context, server, tenant, database_url=database_url, data_dir=data_dir, **given) as grades:
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
