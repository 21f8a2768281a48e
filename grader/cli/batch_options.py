"""The options of `grader batch`, and what they say about a table."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from grader.errors import ExtraMissing

STREAM = "-"
STOPPED = 130  # the exit status of a program that was interrupted

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Answers: .csv, .tsv, .jsonl (each also .gz or .zst), .parquet or .xlsx, here or at s3://…; - is stdin.",
    ),
]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", envvar="GRADER_OUTPUT", help="Where the graded table goes; - is stdout."),
]
Column = Annotated[
    list[str] | None,
    typer.Option(metavar="OURS=THEIRS", envvar="GRADER_COLUMN", help="What a column is called; may be repeated."),
]
InputFormat = Annotated[
    str | None,
    typer.Option(envvar="GRADER_INPUT_FORMAT", help="csv, jsonl.gz, … Default: by the name; csv of stdin."),
]
OutputFormat = Annotated[
    str | None,
    typer.Option(envvar="GRADER_OUTPUT_FORMAT", help="Of the output. Default: by the name; csv to stdout."),
]
Encoding = Annotated[
    str | None,
    typer.Option(envvar="GRADER_ENCODING", help="Of text without a byte order mark, as cp1252. Default: UTF-8."),
]
Delimiter = Annotated[
    str | None,
    typer.Option(envvar="GRADER_DELIMITER", help="Between cells, one character. Default: told by the header."),
]
Limit = Annotated[int | None, typer.Option(envvar="GRADER_LIMIT", min=1, help="Grade the first so many rows only.")]
Sample = Annotated[
    int | None, typer.Option(envvar="GRADER_SAMPLE", min=1, help="Grade so many rows, picked at random.")
]
Seed = Annotated[int, typer.Option(envvar="GRADER_SEED", min=0, help="Where the picking starts from.")]
OnlyErrors = Annotated[
    bool, typer.Option("--only-errors", envvar="GRADER_ONLY_ERRORS", help="Write only the rows with an error.")
]
Strict = Annotated[
    bool,
    typer.Option("--strict", envvar="GRADER_STRICT", help="Refuse a table with a row that cannot be read or asked."),
]
Restart = Annotated[bool, typer.Option("--restart", envvar="GRADER_RESTART", help="Throw earlier progress away.")]
Partial = Annotated[
    bool,
    typer.Option("--partial", envvar="GRADER_PARTIAL", help="Grade nothing; write the rows that are done so far."),
]
Report = Annotated[Path | None, typer.Option(envvar="GRADER_REPORT", help="Write a report to this HTML file.")]


def column_mapping(given: list[str]) -> dict[str, str]:
    """Our columns to the table's.

    Raises:
        typer.BadParameter: one is not written so, or none of ours.
    """
    from grader.batch.columns import ALIASES

    mapping: dict[str, str] = {}
    for one in given:
        ours, equals, theirs = one.partition("=")
        if not equals or ours not in ALIASES or not theirs:
            known = ", ".join(ALIASES)
            raise typer.BadParameter(f"--column is written OURS=THEIRS, not {one!r}; ours are {known}")
        mapping[ours] = theirs
    return mapping


def cell_delimiter(given: str | None) -> str | None:
    """The character between cells; a tab may be told by its name.

    Raises:
        typer.BadParameter: it is not one character.
    """
    if given is None:
        return None
    delimiter = {"tab": "\t", "\\t": "\t"}.get(given, given)
    if len(delimiter) != 1:
        raise typer.BadParameter(f"--delimiter is one character, or tab, not {delimiter!r}")
    return delimiter


def check_report(report: Path | None) -> None:
    """Tell before the work that a report could not be written.

    Raises:
        ExtraMissing: what makes it is not installed.
        typer.BadParameter: there is no folder for it.
    """
    if report is None:
        return
    if find_spec("jinja2") is None:
        raise ExtraMissing("jinja2", "report")
    if not report.absolute().parent.is_dir():
        raise typer.BadParameter(f"--report: there is no folder {report.parent}")
