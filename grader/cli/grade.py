"""`grader grade`: one answer, one grade."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import GRADING, AsJson, Given, settings, shared_options
from grader.cli.remote import Server, connect
from grader.cli.waiting import Wait, wait_for_revision
from grader.errors import AnswerTooLong, NotText

if TYPE_CHECKING:
    from grader.grade import Grade
    from grader.grading import Grader
    from grader.request import GradeRequest
    from grader.settings import Settings


@shared_options(*GRADING, "scale", "threshold", "max_answer_bytes")
def grade(
    context: typer.Context,
    question_id: Annotated[
        str | None, typer.Argument(metavar="QUESTION_ID", help="A question of a bank: see grader bank list.")
    ] = None,
    answer: Annotated[
        str | None, typer.Argument(metavar="ANSWER", help="The answer; without one it is read from stdin.")
    ] = None,
    answer_file: Annotated[
        Path | None, typer.Option(envvar="GRADER_ANSWER_FILE", help="Read the answer from a file; - is stdin.")
    ] = None,
    question: Annotated[
        str | None, typer.Option(envvar="GRADER_QUESTION", help="Grade a question that is in no bank.")
    ] = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="A reference answer to --question; may be repeated.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", envvar="GRADER_EXPLAIN", help="Show signals, and the evidence in the answer.")
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
    wait: Wait = None,
    *,
    given: Given,
) -> None:
    """Grade one answer to a bank's question, or to a question given with its references.

    Examples: grader grade ds25-11 "Dropout switches off random neurons …"; echo "…" | grader grade ds25-11;
    grader grade --question "What is 2+2?" --reference "It is 4." "four"
    """
    chosen = settings(**given)
    question_id, answer = _positional(question_id, answer, question)
    text = _read_answer(answer, answer_file, chosen.max_answer_bytes)
    request = _request(question_id, text, question, reference or [])
    graded = _ask(context, server, request, wait) if server else _grader(chosen, request).grade(request)
    if as_json:
        typer.echo(graded.model_dump_json(indent=2, exclude_none=False))
        return
    from grader.cli.render import show_grade

    show_grade(graded, text, explain=explain)


def _positional(question_id: str | None, answer: str | None, question: str | None) -> tuple[str | None, str | None]:
    """With --question there is no id, so the one positional argument is the answer."""
    if question is None:
        if question_id is None:
            raise typer.BadParameter("give a QUESTION_ID, or --question with --reference")
        return question_id, answer
    if answer is not None:
        raise typer.BadParameter("with --question, give the answer alone: there is no QUESTION_ID")
    return None, question_id


def _request(question_id: str | None, answer: str, question: str | None, references: list[str]) -> GradeRequest:
    from grader.request import GradeRequest

    if question is None and references:
        raise typer.BadParameter("--reference goes with --question")
    if question is not None and not references:
        raise typer.BadParameter("--question needs at least one --reference")
    return GradeRequest(answer=answer, question_id=question_id, question=question, references=tuple(references))


def _read_answer(answer: str | None, file: Path | None, limit: int) -> str:
    """The answer from the argument, the file or stdin; no more is read than may be graded.

    Raises:
        AnswerTooLong: there is more than the limit.
        NotText: it is not UTF-8.
    """
    if answer is not None and file is not None:
        raise typer.BadParameter("give the answer once: as an argument or as --answer-file")
    if answer is not None:
        return answer
    if file is None and sys.stdin.isatty():
        raise typer.BadParameter("give an answer, --answer-file, or the answer on stdin")
    if file is None or str(file) == "-":
        data = sys.stdin.buffer.read(limit + 1)
        size = len(data)
    else:
        try:
            size = file.stat().st_size
            with file.open("rb") as stream:
                data = stream.read(limit + 1)
        except OSError as error:
            raise typer.BadParameter(f"{file}: {error.strerror}") from error
    if len(data) > limit:
        raise AnswerTooLong(max(size, len(data)), limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(f"the answer is not UTF-8 (byte {error.start})") from error


def _ask(context: typer.Context, server: str, request: GradeRequest, wait: int | None) -> Grade:
    """The grade that a running service makes, and keeps; revised, if that is waited for."""
    with connect(context, server) as client:
        kept = client.grade(request)
        pending = ", and a language model's revision is pending" if kept.revision == "pending" else ""
        typer.echo(f"kept as {kept.id}{pending}", err=True)
        return wait_for_revision(client.get_grade, kept, wait)


def _grader(chosen: Settings, request: GradeRequest) -> Grader:
    from grader.bank.library import Library, load_library

    library = Library([]) if request.question_id is None else load_library(chosen.banks, chosen.cache_dir)
    if request.question_id is not None:
        library.question(request.question_id)  # an unknown id is told before the seconds that a model takes to load
    from grader.loading import load_grader, remote_judge

    return load_grader(chosen, library, remote_judge(chosen))
