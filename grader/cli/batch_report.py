"""What is told of a batch when it is done: its figures on the terminal or as JSON, and a page of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from grader.cli.output import write_whole

if TYPE_CHECKING:
    from grader_api.client import Client

    from grader.batch.report import Worded
    from grader.batch.summary import Summary
    from grader.settings import Settings


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


def wording_here(chosen: Settings) -> Mapping[str, Worded]:
    """The questions of the banks at hand, in words."""
    from grader.bank.library import load_library
    from grader.batch.report import Worded

    questions = (one for bank in load_library(chosen.banks, chosen.cache_dir).banks for one in bank.questions)
    return {one.id: Worded(one.question, {each.id: each.statement for each in one.criteria}) for one in questions}


def wording_there(client: Client) -> Mapping[str, Worded]:
    """The questions of a service, in words, as far as the key may see them."""
    from grader_api.errors import NotAllowed

    from grader.batch.report import Worded

    try:
        return {
            one.id: Worded(one.question, {each.id: each.statement for each in one.criteria or ()})
            for one in client.iter_questions()
        }
    except NotAllowed:
        return {}  # a key that may only grade: the report names questions by their ids


def write_report(report: Path, summary: Summary, source: str, wording: Mapping[str, Worded]) -> None:
    """Write the page of a batch, and say so.

    Raises:
        OutputError: it cannot be written.
    """
    from grader.batch.report import render_report

    write_whole(report, render_report(summary, source, wording))
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
