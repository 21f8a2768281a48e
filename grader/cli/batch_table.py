"""The tables of a batch that is graded here: which is read, and which is written."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from grader.cli.batch_options import STREAM
from grader.cli.output import refuse_overwriting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.batch.job import Source, Target
    from grader.batch.survey import Choice, Survey


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written, and where; `report` and the summary are about the target's rows."""

    target: Target
    to_stdout: bool
    report: Path | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How the table is read and written; `columns` are ours to the table's."""

    input_format: str | None
    output_format: str | None
    encoding: str | None
    delimiter: str | None
    columns: Mapping[str, str]


def target_of(output: Path, reading: Reading, kept: ExitStack, *, only_errors: bool) -> Target:
    """Where the table goes; what goes to stdout is a file first.

    Raises:
        typer.BadParameter: there is no folder for it.
        TableError, ExtraMissing: its format is unknown, or cannot be written here.
    """
    from grader.batch.job import Target
    from grader.batch.tables.formats import Format
    from grader.batch.tables.writing import check_writable

    to_stdout = str(output) == STREAM
    format_ = Format.of(reading.output_format or ("csv" if to_stdout else output.name))
    check_writable(format_)
    if to_stdout:
        output = Path(kept.enter_context(tempfile.TemporaryDirectory())) / "output"
    elif not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"--output: there is no folder {output.parent}")
    return Target(output, format_, only_errors)


def choice_of(limit: int | None, sample: int | None, seed: int) -> Choice:
    """Which rows are graded."""
    from grader.batch.survey import Choice

    return Choice(limit, sample, seed)


def source_of(file: str, reading: Reading, choice: Choice, kept: ExitStack) -> Source:
    """The input; what comes from stdin or from elsewhere is kept in a file for as long as it is needed.

    Raises:
        TableError: its format is unknown, or it cannot be fetched.
    """
    from grader.batch.columns import GRADED, KNOWN
    from grader.batch.job import Source
    from grader.batch.tables.addresses import fetch, is_address, name_at
    from grader.batch.tables.formats import Format
    from grader.batch.tables.reading import Layout

    from_stdin, from_elsewhere = file == STREAM, is_address(file)
    told = "csv" if from_stdin else name_at(file) if from_elsewhere else file
    format_ = Format.of(reading.input_format or told)
    known = KNOWN | {name.casefold() for name in reading.columns.values()}
    layout = Layout(format_, reading.encoding, reading.delimiter, known, frozenset(GRADED))
    if not from_stdin and not from_elsewhere:
        return Source(Path(file), file, layout, choice, reading.columns)
    spooled = kept.enter_context(tempfile.NamedTemporaryFile(suffix=".input"))  # noqa: SIM115 (closed with the others)
    if from_stdin:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
    else:
        fetch(file, spooled)
    spooled.flush()
    return Source(Path(spooled.name), "stdin" if from_stdin else file, layout, choice, reading.columns)


def check_output(wanted: Wanted, *, force: bool) -> None:
    """Say before the work that the output is there. A batch that was killed while it appeared may find it so.

    Raises:
        typer.BadParameter: it is, and may not be overwritten; or two things would go to stdout.
    """
    if wanted.to_stdout and wanted.as_json:
        raise typer.BadParameter("--json tells the summary on stdout, where the table goes: give -o a file")
    if force or not wanted.target.output.is_file():
        return
    from grader.batch.ledger import Ledger

    if wanted.target.ledger.is_file():
        with Ledger.open(wanted.target.ledger) as ledger:
            if ledger.is_complete:
                return
    refuse_overwriting(wanted.target.output, force=False)


def survey_of(source: Source, *, strict: bool) -> Survey:
    """What the table holds; said on stderr where it is not what is to be expected.

    Raises:
        TableError: it cannot be graded, or, if `strict`, a row of it cannot.
    """
    from grader.batch.columns import carried_names, match_columns
    from grader.batch.strict import refuse_faults
    from grader.batch.survey import survey
    from grader.batch.tables.delimited import delimiter_name

    found = survey(source.path, source.layout, source.name, source.choice.limit)
    match_columns(found.columns, source.mapping, source.name)
    if strict:
        refuse_faults(source, found)
    if found.delimiter not in {None, ",", source.layout.delimiter}:
        typer.echo(f"cells are divided by {delimiter_name(found.delimiter or '')}", err=True)
    if found.left_out:
        typer.echo(f"only the first sheet is read, not {', '.join(found.left_out)}", err=True)
    for old, new in carried_names(found.columns).items():
        if old != new:
            typer.echo(f"the input's column {old} is {new} in the output", err=True)
    return found
