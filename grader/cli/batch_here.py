"""A table graded on this machine, or by a cluster for it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from grader.cli.batch_report import Told, tell, wording_here, write_report
from grader.cli.progress import progress_bar
from grader.cli.stopping import stop_signals

if TYPE_CHECKING:
    from grader.batch.job import Source
    from grader.batch.ledger import Ledger
    from grader.batch.survey import Survey
    from grader.cli.batch_engine import Here, OnCluster
    from grader.cli.batch_table import Wanted
    from grader.settings import Settings


def grade_here(
    chosen: Settings, place: Here | OnCluster, source: Source, found: Survey, wanted: Wanted, *, restart: bool
) -> bool:
    """Grade what is left of a table and write everything; whether it came to that, or was stopped.

    `place` is where the grading is done.
    """
    from grader.batch.job import discard
    from grader.batch.job import restart as throw_away
    from grader.batch.ledger import Ledger

    if restart:
        throw_away(wanted.target.ledger)
    with Ledger.open(wanted.target.ledger) as ledger:
        if not _finish(chosen, place, source, found, wanted, ledger):
            return False
    discard(wanted.target.ledger)
    return True


def write_partial(chosen: Settings, source: Source, found: Survey, wanted: Wanted) -> None:
    """Write the rows that are done so far, beside where the output will be.

    Raises:
        typer.BadParameter: there are none.
    """
    from grader.batch.job import write_output
    from grader.batch.ledger import Ledger

    if not wanted.target.ledger.is_file():
        raise typer.BadParameter(f"--partial: there is no progress in {wanted.target.ledger}")
    unfinished = replace(wanted, target=wanted.target.unfinished)
    with Ledger.open(wanted.target.ledger) as ledger:
        write_output(unfinished.target, found, ledger)
        _tell(chosen, source, found, unfinished, ledger)


def _finish(
    chosen: Settings, place: Here | OnCluster, source: Source, found: Survey, wanted: Wanted, ledger: Ledger
) -> bool:
    from grader.batch.job import write_output

    if not _run(chosen, place, source, found, ledger):
        total = _count(source, found)
        lost = "nothing is kept" if wanted.to_stdout else "the same command goes on, --partial writes what is done"
        typer.echo(f"stopped after {ledger.done:,} of {total:,} rows; {lost}", err=True)
        return False
    write_output(wanted.target, found, ledger)
    _tell(chosen, source, found, wanted, ledger)
    if wanted.to_stdout:
        with wanted.target.output.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
    return True


def _run(chosen: Settings, place: Here | OnCluster, source: Source, found: Survey, ledger: Ledger) -> bool:
    """Grade the rows that are not in the ledger; whether all are now."""
    from grader.bank.library import load_library
    from grader.batch.job import fingerprint, run_by
    from grader.cli.batch_engine import chosen_engine

    library = load_library(chosen.banks, chosen.cache_dir)
    banks = {bank.bank: bank.content_hash for bank in library.banks}
    total = _count(source, found)
    with chosen_engine(chosen, library, place) as by:
        limits = {"threshold": chosen.threshold, "max_answer_bytes": chosen.max_answer_bytes}
        ledger.begin(fingerprint(source, found, banks, by.graded_by | limits))
        if ledger.done:
            typer.echo(f"going on after {ledger.done:,} of {total:,} rows", err=True)
        with stop_signals() as stopped, progress_bar("grading", total) as progress:
            return run_by(by.engine, source, found, ledger, progress, stopped)


def _count(source: Source, found: Survey) -> int:
    from grader.batch.survey import chosen_count

    return chosen_count(source.choice, found.rows)


def _tell(chosen: Settings, source: Source, found: Survey, wanted: Wanted, ledger: Ledger) -> None:
    from grader.batch.columns import match_columns
    from grader.batch.summary import summarize

    answer = match_columns(found.columns, source.mapping, source.name)["answer"]
    summary = summarize(ledger.finished(), answer, detailed=wanted.report is not None)
    if wanted.report is not None:
        write_report(wanted.report, summary, source.name, wording_here(chosen))
    output = "stdout" if wanted.to_stdout else str(wanted.target.output)
    tell(Told(summary, ledger.distinct, output), as_json=wanted.as_json)
