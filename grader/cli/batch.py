"""`grader batch`: a table of answers, graded here or by a running service."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import typer

from grader.cli.batch_engine import (
    ActorsPerGpu,
    Address,
    CoresPerActor,
    EngineName,
    EngineOptions,
    ProcessCount,
    WhichEngine,
    place_of,
)
from grader.cli.batch_here import grade_here, write_partial
from grader.cli.batch_options import (
    STOPPED,
    STREAM,
    Column,
    Delimiter,
    Encoding,
    File,
    InputFormat,
    Limit,
    OnlyErrors,
    Output,
    OutputFormat,
    Partial,
    Report,
    Restart,
    Sample,
    Seed,
    Strict,
    cell_delimiter,
    check_report,
    column_mapping,
)
from grader.cli.batch_remote import WantedThere, grade_there
from grader.cli.batch_table import Reading, Wanted, check_output, choice_of, source_of, survey_of, target_of
from grader.cli.options import GRADING, AsJson, Given, settings, shared_options
from grader.cli.output import Force
from grader.cli.remote import Server, connect


@shared_options(*GRADING, "scale", "threshold", "max_answer_bytes")
def batch(
    context: typer.Context,
    file: File,
    output: Output,
    column: Column = None,
    input_format: InputFormat = None,
    output_format: OutputFormat = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    limit: Limit = None,
    sample: Sample = None,
    seed: Seed = 0,
    only_errors: OnlyErrors = False,
    strict: Strict = False,
    restart: Restart = False,
    partial: Partial = False,
    report: Report = None,
    force: Force = False,
    as_json: AsJson = False,
    engine: WhichEngine = EngineName.LOCAL,
    processes: ProcessCount = None,
    address: Address = None,
    cores_per_actor: CoresPerActor = None,
    actors_per_gpu: ActorsPerGpu = None,
    server: Server = None,
    *,
    given: Given,
) -> None:
    """Grade a table of answers; the output has its columns and the grades.

    Columns: question_id and answer; or question, reference and answer. Other names that are read: response,
    submitted_answer or student_answer for answer; references or reference_answer for reference; any others with
    --column answer=NAME. All columns come through. Added are score, points, max_points, passed, label, needs_review,
    flags, missing, feedback and error: a row that cannot be graded has an error and no score.

    Killed or stopped, the same command goes on where it was: progress lies beside the output until that is complete.
    With --engine ray the processes of a cluster grade it, to the same output.
    With --server a running service grades it beside its other work, and goes on whatever becomes of this command.
    """
    reading = Reading(input_format, output_format, encoding, cell_delimiter(delimiter), column_mapping(column or []))
    choice = choice_of(limit, sample, seed)
    if server is not None:
        check_report(report)
        there = WantedThere(Path(file), output, choice, strict, only_errors, report, as_json, restart, force, partial)
        with connect(context, server) as client:
            grade_there(client, there, reading)
        return
    chosen = settings(**given)
    place = place_of(chosen, EngineOptions(engine, processes, address, cores_per_actor, actors_per_gpu))
    check_report(report)
    with ExitStack() as kept:
        target = target_of(output, reading, kept, only_errors=only_errors)
        wanted = Wanted(target, str(output) == STREAM, report, as_json)
        source = source_of(file, reading, choice, kept)
        check_output(wanted, force=force or partial)
        found = survey_of(source, strict=strict)
        if partial:
            write_partial(chosen, source, found, wanted)
            return
        complete = grade_here(chosen, place, source, found, wanted, restart=restart)
    if not complete:
        raise typer.Exit(STOPPED)
