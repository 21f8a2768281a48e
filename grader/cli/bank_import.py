"""`grader bank import`: a user's own documents to a bank."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from grader.cli.options import AsJson, Device, Dtype, Model, settings
from grader.errors import DocumentError

if TYPE_CHECKING:
    from grader.bank.assembly import Reading
    from grader.bank.question import Bank
    from grader.settings import Settings

_MOST_TOLD = 12  # questions for review that are told one by one


def import_bank(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Text, Markdown, CSV; HTML, PDF, DOCX with the extra documents."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", envvar="GRADER_OUTPUT", help="Where to write the bank. Default: stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", envvar="GRADER_FORCE", help="Overwrite the output.")] = False,
    bank_id: Annotated[
        str | None, typer.Option("--bank", envvar="GRADER_BANK", help="The bank's id. Default: by the output's name.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(envvar="GRADER_TITLE", help="The bank's title. Default: the document's.")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", envvar="GRADER_QUICK", help="Questions and answers only: nothing is drafted, no model."
        ),
    ] = False,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    dtype: Dtype = None,
) -> None:
    """Make a bank of the questions and answers in documents; draft criteria, keywords and topics from the answers.

    What it is unsure of is marked `review: true`, with the reason. Criteria are drafts: read them before you grade.

    Examples: grader bank import questions.md -o my.yaml; grader bank import a.docx b.pdf --bank biology > biology.yaml
    """
    from grader.bank.assembly import assemble, bank_id_of

    chosen = settings(model=model, device=device, dtype=dtype)
    if output is not None and output.exists() and not force:
        raise typer.BadParameter(f"{output} exists; --force overwrites it", param_hint="--output")
    named = _checked_id(bank_id) if bank_id else bank_id_of((output or files[0]).name)
    bank = assemble(readings := [read_file(path) for path in files], named, title)
    if not quick:
        bank = _drafted(bank, chosen)
    _deliver(bank, readings, output, as_json=as_json)


def _checked_id(bank_id: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from grader.bank.question import Id

    try:
        return str(TypeAdapter(Id).validate_python(bank_id))
    except ValidationError as error:
        rule = "lower-case letters and digits, with . _ or - between them, 80 at most"
        raise typer.BadParameter(f"{bank_id!r} is no id: {rule}", param_hint="--bank") from error


def read_file(path: Path) -> Reading:
    """The questions and answers of one file, read as its kind (by its ending) wants.

    Raises:
        DocumentError: it cannot be read.
    """
    from grader.bank.assembly import Reading
    from grader.bank.documents import TABLES, open_document
    from grader.bank.extraction.extract import extract
    from grader.bank.pairs import read_pairs

    if path.suffix.lower() in TABLES:
        return Reading(path.name, None, read_pairs(path))
    document = open_document(path)
    return Reading(document.name, document.title, extract(document.lines))


def _drafted(bank: Bank, chosen: Settings) -> Bank:
    from grader.authoring.bank import draft_bank
    from grader.encoders.sentence import load_encoder

    encoder = load_encoder(chosen.model, chosen.device, chosen.dtype)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("drafting criteria", total=len(bank.questions))
        return draft_bank(bank, encoder, lambda: progress.advance(task))


def _deliver(bank: Bank, readings: list[Reading], output: Path | None, *, as_json: bool) -> None:
    from grader.bank.writing import bank_yaml

    text = bank_yaml(bank)
    if output is not None:
        _write(output, text)
    report = _report(bank, readings, output)
    if as_json:
        report |= {} if output else {"document": bank.model_dump(mode="json", exclude_defaults=True)}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    if output is None:
        typer.echo(text, nl=False)
    for line in _told(bank, report, output):
        typer.echo(line, err=True)


def _write(output: Path, text: str) -> None:
    """Written under another name and renamed, so that the output is whole or not there."""
    part: Path | None = None
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=output.parent, suffix=".part", delete=False, encoding="utf-8"
        ) as file:
            part = Path(file.name)
            file.write(text)
        part.chmod(0o644)
        part.replace(output)
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        raise DocumentError(f"{output}: {error.strerror or error}") from error


def _report(bank: Bank, readings: list[Reading], output: Path | None) -> dict[str, Any]:  # Any: what JSON holds
    from grader.bank.assembly import missing_numbers

    return {
        "bank": bank.bank,
        "questions": len(bank.questions),
        "criteria": sum(len(question.criteria) for question in bank.questions),
        "output": None if output is None else str(output),
        "documents": [
            {
                "document": reading.document,
                "questions": len(reading.extraction.found),
                "numbers": [min(numbers), max(numbers)] if numbers else None,
                "missing": list(missing_numbers(reading.extraction)),
                "unanswered": [{"number": one.number, "line": one.line} for one in reading.extraction.unanswered],
            }
            for reading in readings
            for numbers in [[one.number for one in reading.extraction.found]]
        ],
        "review": [
            {"id": one.id, "line": one.source.lines[0] if one.source and one.source.lines else None,
             "reasons": list(one.review_reasons)}
            for one in bank.questions
            if one.review
        ],
    }  # fmt: skip


def _told(bank: Bank, report: dict[str, Any], output: Path | None) -> list[str]:  # Any: as above
    lines = [_document_told(one) for one in report["documents"]]
    if report["review"]:
        one, many = "question is marked", "questions are marked"
        lines.append(f"{len(report['review'])} {many if len(report['review']) > 1 else one} for review:")
        lines += [f"  {one['id']} (line {one['line']}): {'; '.join(one['reasons'])}" for one in report["review"]][
            :_MOST_TOLD
        ]
        more = len(report["review"]) - _MOST_TOLD
        lines += [f"  and {more} more: see review_reasons in the bank"] if more > 0 else []
    if report["criteria"]:
        lines.append(f"{report['criteria']} criteria drafted: read and correct them, they are a machine's")
    if output is None:
        return lines
    example = bank.questions[0].id
    lines += [f"written: {output} ({bank.bank}, {len(bank.questions)} questions)", "next:"]
    lines += [f"  grader bank lint {output}", f"  grader bank show {example} --banks {output}"]
    return [*lines, f'  grader grade {example} "an answer" --banks {output}']


def _document_told(document: dict[str, Any]) -> str:  # Any: as above
    count = document["questions"]
    told = f"{document['document']}: {count} question{'s' * (count != 1)}"
    if document["numbers"] and count > 1:
        told += f", numbers {document['numbers'][0]} to {document['numbers'][1]}"
    unanswered = [one["number"] for one in document["unanswered"]]
    if unanswered:
        where = ", ".join(f"{one['number']} (line {one['line']})" for one in document["unanswered"][:_MOST_TOLD])
        told += f"; left out, because no answer follows: {where}"
    missing = [number for number in document["missing"] if number not in unanswered]
    return f"{told}; {_missing_told(missing)}" if missing else told


def _missing_told(numbers: list[int]) -> str:
    shown = [str(number) for number in numbers[:_MOST_TOLD]]
    if len(numbers) > _MOST_TOLD:
        return f"numbers {', '.join(shown)} and {len(numbers) - _MOST_TOLD} more are missing"
    if len(numbers) == 1:
        return f"number {shown[0]} is missing"
    return f"numbers {', '.join(shown[:-1])} and {shown[-1]} are missing"
