"""`grader bank export`: a bank in the formats of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.bank_remote import document_of_service
from grader.cli.options import BankPaths, CacheDir, settings
from grader.cli.output import Force, refuse_overwriting, write_whole
from grader.cli.remote import Server, connect

if TYPE_CHECKING:
    from grader.bank.exchange.formats import Format
    from grader.bank.question import Bank
    from grader.settings import Settings

_FORMATS = "moodle-xml|gift|csv|json"


def export(
    context: typer.Context,
    bank_id: Annotated[str, typer.Argument(metavar="BANK", help="A bank's id, or a bank file.")],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            envvar="GRADER_FORMAT",
            metavar=_FORMATS,
            help="moodle-xml and json keep everything; gift and csv keep questions, references and points. "
            "Default: as FILE ends.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", envvar="GRADER_OUTPUT", metavar="FILE", help="Where to; without, to stdout."),
    ] = None,
    force: Force = False,
    server: Server = None,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """Write a bank as Moodle XML, GIFT, CSV or JSON."""
    from grader.bank.exchange.formats import EXCHANGES

    chosen = _chosen(file_format, output)
    refuse_overwriting(output, force=force)
    if server:
        with connect(context, server) as client:
            bank = document_of_service(client, bank_id)
    else:
        bank = _bank(bank_id, settings(banks=banks, cache_dir=cache_dir))
    exchange = EXCHANGES[chosen]
    text = exchange.write(bank)
    if not exchange.keeps_rubric and (behind := _rubric_size(bank)):
        typer.echo(f"{chosen} keeps questions, references and points; left behind: {behind}", err=True)
    if output is None:
        typer.echo(text.encode(), nl=False)
    else:
        write_whole(output, text)
        size = len(bank.questions)
        typer.echo(f"{output}: {size} question{'s' * (size != 1)} as {chosen}", err=True)


def _chosen(file_format: str | None, output: Path | None) -> Format:
    from grader.bank.exchange.formats import SUFFIXES, Format

    known = [str(one) for one in Format]
    if file_format in known:
        return Format(file_format)
    if file_format is not None:
        raise typer.BadParameter(f"{file_format!r} is none of {', '.join(known)}", param_hint="--format")
    if output is None or output.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"say which: {', '.join(known)}", param_hint="--format")
    return SUFFIXES[output.suffix.lower()]


def _bank(name: str, chosen: Settings) -> Bank:
    from grader.bank.library import load_library
    from grader.bank.parsed import load_parsed

    if Path(name).suffix in {".yaml", ".yml"}:
        return load_parsed(Path(name), chosen.cache_dir / "banks")
    return load_library(chosen.banks, chosen.cache_dir).bank(name)


def _rubric_size(bank: Bank) -> str:
    """What of a bank is rubric, in numbers; empty if nothing is."""
    questions = bank.questions
    sizes = (
        (sum(len(question.criteria) for question in questions), "criterion", "criteria"),
        (sum(len(question.misconceptions) for question in questions), "misconception", "misconceptions"),
        (sum(len(question.exemplars) for question in questions), "exemplar", "exemplars"),
    )
    return ", ".join(f"{size} {one if size == 1 else many}" for size, one, many in sizes if size)
