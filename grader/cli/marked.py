"""Files of marked answers, as the verbs that read them do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from grader.evaluation.datasets import MarkedAnswer, MarkRange
    from grader.evaluation.graded import GradedAnswer
    from grader.grading import Grader

File = Annotated[Path, typer.Argument(metavar="FILE", help="Marked answers: .csv, .tsv, .jsonl or .parquet.")]
Marks = Annotated[
    str | None,
    typer.Option(
        metavar="MIN:MAX", envvar="GRADER_MARKS", help="Between what the marks lie. Default: 0:1, or 0:max_score."
    ),
]


def mark_range(given: str | None) -> MarkRange | None:
    """The range that is written MIN:MAX.

    Raises:
        typer.BadParameter: it is written otherwise.
    """
    from grader.evaluation.datasets import MarkRange

    if given is None:
        return None
    low, colon, high = given.partition(":")
    try:
        marks = MarkRange(float(low), float(high))
    except ValueError:
        marks = MarkRange(0, 0)
    if not colon or not marks.low < marks.high:
        raise typer.BadParameter(f"--marks is written MIN:MAX with two numbers, as in 0:5, not {given!r}")
    return marks


def grade_rows(marked: tuple[MarkedAnswer, ...], grader: Grader) -> tuple[GradedAnswer, ...]:
    """Every row graded, with progress on stderr."""
    from grader.cli.progress import progress_bar
    from grader.evaluation.graded import grade_marked

    with progress_bar("grading", len(marked)) as progress:
        return grade_marked(marked, grader, progress)
