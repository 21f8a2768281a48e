"""`grader batch`: a table of answers, graded."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.batch_remote import Reading, WantedThere, grade_there, refuse_local
from grader.cli.options import (
    AsJson,
    BankPaths,
    CacheDir,
    Device,
    Dtype,
    Judge,
    JudgeMode,
    MaxJudgeCost,
    MaxJudgeTokens,
    Model,
    settings,
)
from grader.cli.output import Force, refuse_overwriting, write_whole
from grader.cli.remote import Server, connect
from grader.errors import ExtraMissing, TableError

if TYPE_CHECKING:
    from types import FrameType

    from grader.batch.job import Source, Target
    from grader.batch.ledger import Ledger
    from grader.batch.summary import Summary
    from grader.batch.survey import Survey
    from grader.settings import Settings

_STOPPED = 130  # the exit status of a program that was interrupted
_STREAM = "-"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be written, and where; `report` and the summary are about the target's rows."""

    target: Target
    to_stdout: bool
    report: Path | None
    as_json: bool


def batch(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Answers: .csv, .tsv, .jsonl (each also .gz or .zst), .parquet or .xlsx; - is stdin.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", envvar="GRADER_OUTPUT", help="Where the graded table goes; - is stdout."),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS=THEIRS", envvar="GRADER_COLUMN", help="What a column is called; may be repeated."),
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option(envvar="GRADER_INPUT_FORMAT", help="csv, jsonl.gz, … Default: by the name; csv of stdin."),
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option(envvar="GRADER_OUTPUT_FORMAT", help="Of the output. Default: by the name; csv to stdout."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(envvar="GRADER_ENCODING", help="Of text without a byte order mark, as cp1252. Default: UTF-8."),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(envvar="GRADER_DELIMITER", help="Between cells, one character. Default: told by the header."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(envvar="GRADER_LIMIT", min=1, help="Grade the first so many rows only.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(envvar="GRADER_SAMPLE", min=1, help="Grade so many rows, picked at random.")
    ] = None,
    seed: Annotated[int, typer.Option(envvar="GRADER_SEED", min=0, help="Where the picking starts from.")] = 0,
    only_errors: Annotated[
        bool, typer.Option("--only-errors", envvar="GRADER_ONLY_ERRORS", help="Write only the rows with an error.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", envvar="GRADER_STRICT", help="Refuse a table with a row that cannot be read.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", envvar="GRADER_RESTART", help="Throw earlier progress away.")
    ] = False,
    partial: Annotated[
        bool,
        typer.Option("--partial", envvar="GRADER_PARTIAL", help="Grade nothing; write the rows that are done so far."),
    ] = False,
    report: Annotated[
        Path | None, typer.Option(envvar="GRADER_REPORT", help="Write a report to this HTML file.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(envvar="GRADER_THRESHOLD", min=0, max=1, help="The pass mark. Default: 0.6.")
    ] = None,
    max_answer_bytes: Annotated[
        int | None,
        typer.Option(envvar="GRADER_MAX_ANSWER_BYTES", min=1, help="The longest answer, in bytes. Default: 100000."),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
    banks: BankPaths = None,
    model: Model = None,
    judge: Judge = None,
    judge_mode: JudgeMode = None,
    max_judge_cost: MaxJudgeCost = None,
    max_judge_tokens: MaxJudgeTokens = None,
    device: Device = None,
    dtype: Dtype = None,
    cache_dir: CacheDir = None,
    server: Server = None,
) -> None:
    """Grade a table of answers; the output has its columns and the grades.

    Columns: question_id and answer; or question, reference and answer. Other names that are read: response,
    submitted_answer or student_answer for answer; references or reference_answer for reference; any others with
    --column answer=NAME. All columns come through. Added are score, points, max_points, passed, label, needs_review,
    flags, missing, feedback and error: a row that cannot be graded has an error and no score.

    Killed or stopped, the same command goes on where it was: progress lies beside the output until that is complete.
    With --server a running service grades it beside its other work, and goes on whatever becomes of this command.
    """
    mapping = _mapping(column or [])
    if server is not None:
        refuse_local(context)
        reading = Reading(input_format, output_format, encoding, delimiter, mapping)
        wanted_there = WantedThere(file, output, only_errors=only_errors, as_json=as_json, restart=restart, force=force)
        with connect(context, server) as client:
            grade_there(client, wanted_there, reading)
        return
    chosen = settings(
        banks=banks,
        model=model,
        judge=judge,
        judge_mode=judge_mode,
        max_judge_cost=max_judge_cost,
        max_judge_tokens=max_judge_tokens,
        device=device,
        dtype=dtype,
        cache_dir=cache_dir,
        threshold=threshold,
        max_answer_bytes=max_answer_bytes,
    )
    _check_report(report)
    with ExitStack() as kept:
        target = _target(output, output_format, kept, only_errors=only_errors)
        wanted = _Wanted(target, str(output) == _STREAM, report, as_json)
        source = _source(file, input_format, kept, _reading(encoding, delimiter), _choice(limit, sample, seed), mapping)
        _check(wanted, force=force or partial)
        found = _survey(source, strict=strict)
        if partial:
            _write_partial(source, found, wanted)
            return
        complete = _grade(chosen, source, found, wanted, restart=restart)
    if not complete:
        raise typer.Exit(_STOPPED)


def _mapping(given: list[str]) -> dict[str, str]:
    from grader.batch.columns import ALIASES

    mapping: dict[str, str] = {}
    for one in given:
        ours, equals, theirs = one.partition("=")
        if not equals or ours not in ALIASES or not theirs:
            known = ", ".join(ALIASES)
            raise typer.BadParameter(f"--column is written OURS=THEIRS, not {one!r}; ours are {known}")
        mapping[ours] = theirs
    return mapping


def _check_report(report: Path | None) -> None:
    """Tell before the work that a report could not be written."""
    if report is None:
        return
    if find_spec("jinja2") is None:
        raise ExtraMissing("jinja2", "report")
    if not report.absolute().parent.is_dir():
        raise typer.BadParameter(f"--report: there is no folder {report.parent}")


def _reading(encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    if delimiter is not None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1:
            raise typer.BadParameter(f"--delimiter is one character, or tab, not {delimiter!r}")
    return {"encoding": encoding, "delimiter": delimiter}


def _choice(limit: int | None, sample: int | None, seed: int) -> Any:
    from grader.batch.survey import Choice

    return Choice(limit, sample, seed)


def _target(output: Path, form: str | None, kept: ExitStack, *, only_errors: bool) -> Target:
    """Where the table goes; what goes to stdout is a file first."""
    from grader.batch.job import Target
    from grader.batch.tables.formats import Format
    from grader.batch.tables.writing import check_writable

    to_stdout = str(output) == _STREAM
    format_ = Format.of(form or ("csv" if to_stdout else output.name))
    check_writable(format_)
    if to_stdout:
        output = Path(kept.enter_context(tempfile.TemporaryDirectory())) / "output"
    elif not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"--output: there is no folder {output.parent}")
    return Target(output, format_, only_errors)


def _source(
    file: Path, form: str | None, kept: ExitStack, reading: dict[str, Any], choice: Any, mapping: dict[str, str]
) -> Source:
    """The input; what comes from stdin is kept in a file for as long as it is needed."""
    from grader.batch.columns import GRADED, KNOWN
    from grader.batch.job import Source
    from grader.batch.tables.formats import Format
    from grader.batch.tables.reading import Layout

    from_stdin = str(file) == _STREAM
    format_ = Format.of(form or ("csv" if from_stdin else file.name))
    known = KNOWN | {name.casefold() for name in mapping.values()}
    layout = Layout(format_, known=known, ours=frozenset(GRADED), **reading)
    if not from_stdin:
        return Source(file, str(file), layout, choice, mapping)
    spooled = kept.enter_context(tempfile.NamedTemporaryFile(suffix=".input"))  # noqa: SIM115 (closed with the others)
    shutil.copyfileobj(sys.stdin.buffer, spooled)
    spooled.flush()
    return Source(Path(spooled.name), "stdin", layout, choice, mapping)


def _check(wanted: _Wanted, *, force: bool) -> None:
    """A batch that was killed while its output appeared may find that there."""
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


def _survey(source: Source, *, strict: bool) -> Survey:
    """What the table holds; said on stderr where it is not what is to be expected.

    Raises:
        TableError: it cannot be graded, or, if `strict`, a row of it cannot be read.
    """
    from grader.batch.columns import carried_names, match_columns
    from grader.batch.survey import survey
    from grader.batch.tables.delimited import delimiter_name

    found = survey(source.path, source.layout, source.name, source.choice.limit)
    match_columns(found.columns, source.mapping, source.name)
    if strict and found.faults:
        raise TableError(found.faults)
    if found.delimiter not in {None, ",", source.layout.delimiter}:
        typer.echo(f"cells are divided by {delimiter_name(found.delimiter or '')}", err=True)
    for old, new in carried_names(found.columns).items():
        if old != new:
            typer.echo(f"the input's column {old} is {new} in the output", err=True)
    return found


def _grade(chosen: Settings, source: Source, found: Survey, wanted: _Wanted, *, restart: bool) -> bool:
    from grader.batch.job import discard
    from grader.batch.job import restart as throw_away
    from grader.batch.ledger import Ledger

    if restart:
        throw_away(wanted.target.ledger)
    with Ledger.open(wanted.target.ledger) as ledger:
        if not _finish(chosen, source, found, wanted, ledger):
            return False
    discard(wanted.target.ledger)
    return True


def _finish(chosen: Settings, source: Source, found: Survey, wanted: _Wanted, ledger: Ledger) -> bool:
    """Grade what is left and write everything; whether it came to that."""
    from grader.bank.library import load_library
    from grader.batch.job import fingerprint, run, write_output
    from grader.batch.survey import chosen_count
    from grader.cli.judging import told as told_of_judging
    from grader.cli.loading import load_grader, remote_judge
    from grader.cli.progress import progress_bar

    library = load_library(chosen.banks, chosen.cache_dir)
    remote = remote_judge(chosen)
    grader = load_grader(chosen, library, remote)
    graded_by = {
        **grader.models.named,
        **({} if remote is None else {"remote_judge": remote.identity, "judge_mode": chosen.judge_mode}),
        "threshold": chosen.threshold,
        "max_answer_bytes": chosen.max_answer_bytes,
    }
    banks = {bank.bank: bank.content_hash for bank in library.banks}
    ledger.begin(fingerprint(source, found, banks, graded_by))
    total = chosen_count(source.choice, found.rows)
    if ledger.done:
        typer.echo(f"going on after {ledger.done:,} of {total:,} rows", err=True)
    with _stop_signals() as stopped, progress_bar("grading", total) as progress:
        complete = run(source, found, grader, ledger, progress, stopped)
    if remote is not None:
        typer.echo(told_of_judging(remote.tally()), err=True)
    if not complete:
        told = f"stopped after {ledger.done:,} of {total:,} rows; "
        lost = "nothing is kept" if wanted.to_stdout else "the same command goes on, --partial writes what is done"
        typer.echo(told + lost, err=True)
        return False
    write_output(wanted.target, found, ledger)
    _tell(source, found, wanted, ledger)
    if wanted.to_stdout:
        with wanted.target.output.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
    return True


def _write_partial(source: Source, found: Survey, wanted: _Wanted) -> None:
    from grader.batch.job import write_output
    from grader.batch.ledger import Ledger

    if not wanted.target.ledger.is_file():
        raise typer.BadParameter(f"--partial: there is no progress in {wanted.target.ledger}")
    unfinished = replace(wanted, target=wanted.target.unfinished)
    with Ledger.open(wanted.target.ledger) as ledger:
        write_output(unfinished.target, found, ledger)
        _tell(source, found, unfinished, ledger)


def _tell(source: Source, found: Survey, wanted: _Wanted, ledger: Ledger) -> None:
    from grader.batch.columns import match_columns
    from grader.batch.summary import summarize

    answer = match_columns(found.columns, source.mapping, source.name)["answer"]
    summary = summarize(ledger.finished(), answer, detailed=wanted.report is not None)
    if wanted.report is not None:
        from grader.batch.report import render_report

        write_whole(wanted.report, render_report(summary, source.name))
        typer.echo(f"wrote {wanted.report}", err=True)
    if wanted.as_json:
        told = {**asdict(summary), "distinct": ledger.distinct, "output": str(wanted.target.output)}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False))
        return
    _show(summary, "stdout" if wanted.to_stdout else str(wanted.target.output), ledger.distinct)


def _show(summary: Summary, output: str, distinct: int) -> None:
    from grader.cli.batch_summary import show_summary

    show_summary(summary, output, distinct)


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Whether the user asked to stop; asked twice, it stops at once."""
    asked = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        asked.set()
        signal.signal(number, signal.default_int_handler)
        typer.echo("\nstopping after the answers in hand; again to stop at once", err=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
