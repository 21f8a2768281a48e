"""What is told of a batch when it is done: its figures on the terminal or as JSON, and a page of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from grader.cli.output import write_whole

if TYPE_CHECKING:
    from grader.batch.summary import Summary


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell: the figures, how many different answers there were, and where the table is.

    Attributes:
        batch: the id that the service knows the batch by, where it was graded there.
    """

    summary: Summary
    distinct: int
    output: str
    batch: str | None = None


def write_report(report: Path, page: str) -> None:
    """Write the page of a batch, and say so.

    Raises:
        OutputError: it cannot be written.
    """
    write_whole(report, page)
    typer.echo(f"wrote {report}", err=True)


def tell(told: Told, *, as_json: bool) -> None:
    """Print the figures: as JSON on stdout, or on stderr for a person."""
    if as_json:
        figures = {**asdict(told.summary), "distinct": told.distinct, "output": told.output}
        if told.batch is not None:
            figures["batch"] = told.batch
        typer.echo(json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from grader.cli.batch_summary import show_summary

    show_summary(told.summary, told.output, told.distinct)
