"""`grader bank import`: a user's own documents to a bank."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from grader.cli.options import AsJson, Device, Dtype, Model, settings
from grader.cli.output import Force, refuse_overwriting, write_whole

if TYPE_CHECKING:
    from grader.bank.assembly import Reading
    from grader.bank.exchange.exchanged import Exchanged
    from grader.bank.question import Bank
    from grader.settings import Settings

Row = dict[str, Any]  # Any: what JSON holds

_MOST_TOLD = 12  # questions for review that are told one by one


def import_bank(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="Text, Markdown, CSV; HTML, PDF, DOCX with the extra documents; or one Moodle XML, GIFT or JSON file.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", envvar="GRADER_OUTPUT", help="Where to write the bank. Default: stdout."),
    ] = None,
    force: Force = False,
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

    A file of Moodle XML, GIFT, JSON or our CSV is a bank already: it is read as it is, and criteria are drafted for the
    questions that have none.

    What it is unsure of is marked `review: true`, with the reason. Criteria are drafts: read them before you grade.

    Examples: grader bank import questions.md -o my.yaml; grader bank import a.docx b.pdf --bank biology > biology.yaml
    """
    from grader.bank.assembly import assemble, bank_id_of

    chosen = settings(model=model, device=device, dtype=dtype)
    refuse_overwriting(output, force=force)
    named = _checked_id(bank_id) if bank_id else bank_id_of((output or files[0]).name)
    exchanged = _exchanged(files)
    if exchanged is None:
        readings = [read_file(path) for path in files]
        bank, read = assemble(readings, named, title), [_document_row(reading) for reading in readings]
    else:
        given = {"bank": named if bank_id else None, "title": title}
        bank = exchanged.bank.model_copy(update={name: value for name, value in given.items() if value})
        read = [_exchanged_row(exchanged, files[0].name)]
    if not quick and not all(question.criteria for question in bank.questions):
        bank = _drafted(bank, chosen)
    _deliver(bank, read, output, as_json=as_json)


def _exchanged(files: list[Path]) -> Exchanged | None:
    """The bank that the one file holds, if it is of a format that banks are exchanged in."""
    from grader.bank.exchange.formats import format_of, read_exchange

    whole = [path for path in files if path.is_file() and format_of(path)]
    if whole and len(files) > 1:
        raise typer.BadParameter(f"{whole[0]} is a whole bank: import it by itself", param_hint="FILE")
    return read_exchange(whole[0]) if whole else None


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


def _deliver(bank: Bank, read: list[Row], output: Path | None, *, as_json: bool) -> None:
    from grader.bank.writing import bank_yaml

    text = bank_yaml(bank)
    if output is not None:
        write_whole(output, text)
    report = _report(bank, read, output)
    if as_json:
        report |= {} if output else {"document": bank.model_dump(mode="json", exclude_defaults=True)}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    if output is None:
        typer.echo(text, nl=False)
    for line in _told(bank, report, output):
        typer.echo(line, err=True)


def _report(bank: Bank, read: list[Row], output: Path | None) -> Row:
    from grader.bank.question import DRAFTED

    return {
        "bank": bank.bank,
        "questions": len(bank.questions),
        "criteria": sum(one.id.startswith(DRAFTED) for question in bank.questions for one in question.criteria),
        "output": None if output is None else str(output),
        "documents": read,
        "review": [
            {"id": one.id, "line": one.source.lines[0] if one.source and one.source.lines else None,
             "reasons": list(one.review_reasons)}
            for one in bank.questions
            if one.review
        ],
    }  # fmt: skip


def _document_row(reading: Reading) -> Row:
    from grader.bank.assembly import missing_numbers

    numbers = [one.number for one in reading.extraction.found]
    return {
        "document": reading.document,
        "questions": len(numbers),
        "numbers": [min(numbers), max(numbers)] if numbers else None,
        "missing": list(missing_numbers(reading.extraction)),
        "unanswered": [{"number": one.number, "line": one.line} for one in reading.extraction.unanswered],
    }


def _exchanged_row(exchanged: Exchanged, name: str) -> Row:
    return {
        "document": name,
        "questions": len(exchanged.bank.questions),
        "skipped": [asdict(one) for one in exchanged.skipped],
    }


def _told(bank: Bank, report: Row, output: Path | None) -> list[str]:
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


def _document_told(document: Row) -> str:
    count = document["questions"]
    told = f"{document['document']}: {count} question{'s' * (count != 1)}"
    if "skipped" in document:
        return told + "".join(f"; left behind: {reason}" for reason in _skipped_told(document["skipped"]))
    if document["numbers"] and count > 1:
        told += f", numbers {document['numbers'][0]} to {document['numbers'][1]}"
    unanswered = [one["number"] for one in document["unanswered"]]
    if unanswered:
        where = ", ".join(f"{one['number']} (line {one['line']})" for one in document["unanswered"][:_MOST_TOLD])
        told += f"; left out, because no answer follows: {where}"
    missing = [number for number in document["missing"] if number not in unanswered]
    return f"{told}; {_missing_told(missing)}" if missing else told


def _skipped_told(skipped: list[Row]) -> list[str]:
    counts = Counter(f"{one['kind']} ({one['reason']})" for one in skipped)
    return [f"{count} {kind}" for kind, count in counts.most_common()]


def _missing_told(numbers: list[int]) -> str:
    shown = [str(number) for number in numbers[:_MOST_TOLD]]
    if len(numbers) > _MOST_TOLD:
        return f"numbers {', '.join(shown)} and {len(numbers) - _MOST_TOLD} more are missing"
    if len(numbers) == 1:
        return f"number {shown[0]} is missing"
    return f"numbers {', '.join(shown[:-1])} and {shown[-1]} are missing"
