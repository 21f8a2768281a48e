"""Grades that are kept, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from grader.cli.render import show_grade

if TYPE_CHECKING:
    from grader_api.schemas import Decision, GradeOut, OverrideOut, RegradeOut

_WIDTH = 120


def show_grades(grades: Sequence[GradeOut]) -> None:
    """Print a list of grades to stdout."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "created", "question", "candidate", "points", "label", "by", "review"):
        table.add_column(name, justify="right" if name == "points" else "left")
    for one in grades:
        table.add_row(
            one.id,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.question_id or "",
            one.candidate_id or "",
            f"{one.final.points:g}",
            one.final.label.value,
            one.final.by,
            _review(one),
        )
    _console().print(table)


def _review(grade: GradeOut) -> str:
    """Why a person should look; nothing once one has decided, nor while a language model is asked."""
    if grade.revision == "pending" and not grade.overrides:
        return "revision pending"
    if not grade.needs_review or grade.overrides:
        return ""
    return ", ".join(reason.value.replace("_", " ") for reason in grade.reasons)


def show_kept(grade: GradeOut, *, explain: bool) -> None:
    """Print a grade to stdout: what was answered, what the machine found, what persons decided."""
    console = _console()
    console.print(f"{grade.id}  {grade.question_id or 'a question sent along'}", style="bold")
    told = f"made {grade.created_at:%Y-%m-%d %H:%M} UTC"
    told += f", candidate {grade.candidate_id}" if grade.candidate_id else ""
    told += f", made again as {grade.superseded_by}" if grade.superseded_by else ""
    console.print(told, style="dim")
    if not explain:
        console.print(f"\n{grade.answer}\n")
    show_grade(grade, grade.answer, explain=explain)
    if grade.revision is not None:
        console.print(f"\n{revision(grade)}", style="dim")
    for one in grade.overrides:
        console.print(f"\n{one.author} decided {one.created_at:%Y-%m-%d %H:%M} UTC: {_decided(one)}")
        console.print(f"  {one.reason}")


def revision(grade: GradeOut) -> str:
    """Where the language model's revision of a grade stands, in words."""
    if grade.revision == "pending":
        return "a language model's revision is pending"
    if grade.revision == "unscored":
        return "a language model was asked and gave no verdicts"
    (past,) = grade.history
    judged = past.grade.receipt is not None and past.grade.receipt.remote_judge is not None
    if judged:
        return f"a language model came to {past.grade.points:g} points after a person had decided"
    return f"revised by a language model; before it {past.grade.points:g} points"


def show_override(made: OverrideOut) -> None:
    """Print a decision to stdout."""
    _console().print(f"{made.author} decided: {_decided(made)}")


def show_regrade(done: RegradeOut) -> None:
    """Print to stdout what grading again changed, or would."""
    console = _console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("grade", "question", "candidate", "before", "after", "pass mark", "" if done.dry_run else "new grade"):
        table.add_column(name, justify="right" if name in {"before", "after"} else "left")
    crossing = {"to_passed": "passes now", "to_failed": "fails now", None: ""}
    for one in done.changes:
        row = (one.grade_id, one.question_id or "", one.candidate_id or "", f"{one.score_before:.2f}")
        table.add_row(*row, f"{one.score_after:.2f}", crossing[one.crosses], one.new_id or "")
    if done.changes:
        console.print(table)
    verb = "would change" if done.dry_run else "changed"
    told = f"{done.considered} considered: {len(done.changes)} {verb}, {done.unchanged} stay as they are"
    told += f", {len(done.skipped)} decided by a person" if done.skipped else ""
    told += f", {len(done.failed)} whose question is gone" if done.failed else ""
    console.print(told)


def _decided(one: Decision | OverrideOut) -> str:
    return (
        f"{one.points:g} points, {one.label.value}, {'passed' if one.passed else 'not passed'}, score {one.score:.2f}"
    )


def _console() -> Console:
    """Answers and reasons are what people wrote: nothing in them is markup."""
    return Console(width=_WIDTH, highlight=False, markup=False, soft_wrap=False)
