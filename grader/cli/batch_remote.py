"""A table graded by a service: sent, waited for, fetched."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from grader.cli.batch_options import STOPPED, STREAM
from grader.cli.batch_report import Told, tell, wording_there, write_report
from grader.cli.output import refuse_overwriting
from grader.cli.progress import progress_bar
from grader.errors import Fault, OutputError, TableError

if TYPE_CHECKING:
    from grader_api.client import Client
    from grader_api.schemas import BatchOut, BatchUpload

    from grader.batch.survey import Choice
    from grader.cli.batch_table import Reading


@dataclass(frozen=True, slots=True)
class WantedThere:
    """What is sent, and where the result goes; `restart` has it graded anew, `partial` wants what is done so far."""

    file: Path
    output: Path
    choice: Choice
    strict: bool
    only_errors: bool
    report: Path | None
    as_json: bool
    restart: bool
    force: bool
    partial: bool

    @property
    def to_stdout(self) -> bool:
        """Whether the table goes to stdout."""
        return str(self.output) == STREAM


def grade_there(client: Client, wanted: WantedThere, reading: Reading) -> None:
    """Have the service grade a table, and write what comes back, or what of it is done so far.

    The same command again finds the same batch, for a day: it is known by the table and the options.

    Raises:
        typer.BadParameter: of what is done so far is asked, and the service has no such batch.
        TableError: the service cannot read it.
        OutputError: the output cannot be written.
        CallError: the service does not do it.
    """
    if wanted.to_stdout and wanted.as_json:
        raise typer.BadParameter("--json tells the summary on stdout, where the table goes: give -o a file")
    if not wanted.to_stdout:
        refuse_overwriting(wanted.output, force=wanted.force or wanted.partial)
    with _seekable(wanted.file) as file:
        options = _options(wanted, reading)
        key = _key(file, options, restart=wanted.restart)
        batch = _begun(client, key) if wanted.partial else client.create_batch(file, options, idempotency_key=key)
    if wanted.partial:
        wanted = replace(wanted, output=wanted.output if wanted.to_stdout else _unfinished(wanted.output))
    else:
        batch = _ended(client, batch)
    if batch.status == "failed":
        raise TableError([Fault(batch.name, one.line, one.path, one.message) for one in batch.errors])
    _fetch(client, batch, wanted)
    _tell(client, batch, wanted)


def _begun(client: Client, key: str) -> BatchOut:
    """The batch that was made with a key, its table read."""
    from grader_api.schemas import BatchFilters

    made = client.list_batches(BatchFilters(idempotency_key=key)).items
    if not made or made[0].status == "validating":
        told = f"no row of {made[0].id} is done yet" if made else "the service has no batch of this table and options"
        raise typer.BadParameter(told, param_hint="--partial")
    return made[0]


def _ended(client: Client, batch: BatchOut) -> BatchOut:
    try:
        return _wait(client, batch)
    except KeyboardInterrupt as error:
        going_on = "the same command waits for it again, --partial writes what is done"
        typer.echo(f"{batch.id} goes on in the service; {going_on}", err=True)
        raise typer.Exit(STOPPED) from error


def _options(wanted: WantedThere, reading: Reading) -> BatchUpload:
    from grader_api.schemas import BatchUpload

    from_stdin = str(wanted.file) == STREAM
    return BatchUpload(
        name="stdin" if from_stdin else wanted.file.name[-200:],
        input_format=reading.input_format or ("csv" if from_stdin else None),
        output_format=reading.output_format or ("csv" if wanted.to_stdout else str(_format_of(wanted.output))),
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        column=tuple(f"{ours}={theirs}" for ours, theirs in reading.columns.items()),
        limit=wanted.choice.limit,
        sample=wanted.choice.sample,
        seed=wanted.choice.seed,
        strict=wanted.strict,
    )


def _format_of(output: Path) -> object:
    from grader.batch.tables.formats import Format

    return Format.of(output.name)


def _unfinished(output: Path) -> Path:
    from grader.batch.job import Target
    from grader.batch.tables.formats import Format

    return Target(output, Format.of(output.name)).unfinished.output


@contextmanager
def _seekable(file: Path) -> Iterator[Path]:
    """The file; what comes from stdin is kept in one, to be sent again where the connection breaks."""
    if str(file) != STREAM:
        if not file.is_file():
            raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
        yield file
        return
    with tempfile.NamedTemporaryFile() as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
        spooled.flush()
        yield Path(spooled.name)


def _key(file: Path, options: BatchUpload, *, restart: bool) -> str:
    if restart:
        return uuid.uuid4().hex
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(options.model_dump_json().encode())
    return digest.hexdigest()


def _wait(client: Client, batch: BatchOut) -> BatchOut:
    typer.echo(f"{batch.id} is {batch.status}", err=True)
    done = 0
    with progress_bar("grading", None) as progress:
        for batch in client.follow_batch(batch.id):  # noqa: B020, PLR1704 (the same batch, later)
            counts = batch.request_counts
            progress(counts.completed + counts.failed - done)
            done = counts.completed + counts.failed
    return batch


def _fetch(client: Client, batch: BatchOut, wanted: WantedThere) -> None:
    """Under another name first: the output is whole or not there."""
    if wanted.to_stdout:
        with tempfile.TemporaryFile() as file:
            client.download_batch(batch.id, file, only_errors=wanted.only_errors, partial=wanted.partial)
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
        return
    part = wanted.output.with_name(f".{wanted.output.name}.part")
    try:
        with part.open("wb") as file:
            client.download_batch(batch.id, file, only_errors=wanted.only_errors, partial=wanted.partial)
        part.replace(wanted.output)
    except OSError as error:
        raise OutputError(f"{wanted.output}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _tell(client: Client, batch: BatchOut, wanted: WantedThere) -> None:
    """The same as of a batch that was graded here."""
    found = client.batch_figures(batch.id, detailed=wanted.report is not None, partial=wanted.partial)
    if wanted.report is not None:
        write_report(wanted.report, found.figures, _called(wanted.file), wording_there(client))
    if batch.status == "cancelled":
        counts = batch.request_counts
        typer.echo(f"it was cancelled after {found.figures.rows:,} of {counts.total:,} rows", err=True)
    where = "stdout" if wanted.to_stdout else str(wanted.output)
    tell(Told(found.figures, found.distinct, where, batch.id), as_json=wanted.as_json)


def _called(file: Path) -> str:
    return "stdin" if str(file) == STREAM else str(file)
