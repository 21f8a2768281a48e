"""`grader bank`: what is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from grader.cli import bank_export, bank_put
from grader.cli.bank_table import Row, bank_row, print_table, question_row, show_bank, show_question, summary_row
from grader.cli.options import AsJson, BankPaths, CacheDir, settings
from grader.cli.remote import Server, connect

if TYPE_CHECKING:
    from grader.bank.finding import Finding
    from grader.bank.question import Bank, Question
    from grader.settings import Settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Question banks.")
app.command("export")(bank_export.export)
app.command("put")(bank_put.put)
app.command("delete")(bank_put.delete)


@app.command("list")
def list_banks(
    context: typer.Context,
    bank_id: Annotated[str | None, typer.Argument(metavar="BANK", help="List this bank's questions.")] = None,
    as_json: AsJson = False,
    server: Server = None,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """List the banks, or the questions of one."""
    if server:
        rows = _rows_of_service(context, server, bank_id)
    else:
        rows = _rows_at_hand(settings(banks=banks, cache_dir=cache_dir), bank_id)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print_table(rows)


def _rows_at_hand(chosen: Settings, bank_id: str | None) -> list[Row]:
    from grader.bank.library import load_library

    library = load_library(chosen.banks, chosen.cache_dir)
    if bank_id is None:
        return [bank_row(bank) for bank in library.banks]
    return [question_row(question) for question in library.bank(bank_id).questions]


def _rows_of_service(context: typer.Context, server: str, bank_id: str | None) -> list[Row]:
    from grader_api.schemas import QuestionFilters

    with connect(context, server) as client:
        if bank_id is None:
            return [summary_row(bank) for bank in client.list_banks()]
        return [question_row(question) for question in client.iter_questions(QuestionFilters(bank=bank_id))]


@app.command()
def show(
    context: typer.Context,
    item: Annotated[str, typer.Argument(metavar="ID", help="A question's id, or a bank's.")],
    as_json: AsJson = False,
    server: Server = None,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """Show one question with its references and rubric, or a bank's summary and questions."""
    if server:
        from grader.cli.bank_remote import show_of_service

        with connect(context, server) as client:
            show_of_service(client, item, as_json=as_json)
        return
    from grader.bank.library import load_library

    chosen = settings(banks=banks, cache_dir=cache_dir)
    library = load_library(chosen.banks, chosen.cache_dir)
    known = {bank.bank: bank for bank in library.banks}
    if item in known:
        bank = known[item]
        show_bank(bank) if not as_json else typer.echo(bank.model_dump_json(indent=2))
        return
    _, question = library.question(item)
    show_question(question) if not as_json else typer.echo(question.model_dump_json(indent=2))


@app.command()
def lint(
    files: Annotated[list[Path] | None, typer.Argument(help="Bank files; without any, every bank at hand.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", envvar="GRADER_QUICK", help="Structure only: no model is loaded.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", envvar="GRADER_STRICT", help="Exit with status 1 on any finding.")
    ] = False,
    as_json: AsJson = False,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """Check banks: exit status 2 where a document is not a bank, 1 with --strict where something should be mended."""
    from grader.bank.library import bank_files
    from grader.bank.parsed import load_parsed

    chosen = settings(banks=banks, cache_dir=cache_dir)
    at_hand = list(bank_files(chosen.banks))
    paths = files or at_hand
    loaded = {path: load_parsed(path, chosen.cache_dir / "banks") for path in dict.fromkeys([*at_hand, *paths])}
    checked = {path: loaded[path] for path in paths}
    findings = _findings(checked, list(loaded.values()), None if quick else chosen)
    if as_json:
        typer.echo(json.dumps([finding.as_row() for finding in findings], indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(f"{_counted(len(checked), 'bank')}, {_counted(len(findings), 'finding')}")
    raise typer.Exit(int(strict and bool(findings)))


def _findings(banks: dict[Path, Bank], at_hand: list[Bank], model: Settings | None) -> list[Finding]:
    """What should be mended in each document, by line; with a model's settings, what grading and encoding it finds."""
    from grader.bank.finding import located
    from grader.bank.links import lint_links
    from grader.bank.lint import lint_bank
    from grader.bank.loader import document_lines

    lints: list[Callable[[Bank], list[Finding]]] = [lint_bank, lambda bank: lint_links([bank], at_hand)]
    if model is not None:
        from grader.encoders.sentence import load_encoder
        from grader.evaluation.encoding_lint import lint_encodings
        from grader.evaluation.rubric_lint import lint_rubrics
        from grader.loading import chosen_judge

        encoder, judge = load_encoder(model.model, model.device, model.dtype), chosen_judge(model)
        lints += [
            lambda bank: lint_encodings(bank, encoder),
            lambda bank: lint_rubrics(bank, encoder, judge, partial(_watched, bank.bank)),
        ]
    found: list[Finding] = []
    for path, bank in banks.items():
        if findings := [finding for lint in lints for finding in lint(bank)]:
            placed = located(findings, str(_near(path)), document_lines(path))
            found += sorted(placed, key=lambda finding: finding.line or 0)
    return found


def _watched(name: str, questions: Sequence[Question]) -> Iterable[Question]:
    """The questions one by one, with a bar on a terminal: grading a bank's exemplars takes a minute."""
    from rich.progress import track

    terminal = Console(stderr=True)
    return track(questions, name, console=terminal, transient=True, disable=not terminal.is_terminal)


def _near(path: Path) -> Path:
    """The path as seen from here, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


@app.command()
def schema() -> None:
    """Print the JSON Schema of a bank document."""
    from grader.bank.loader import schema as bank_schema

    typer.echo(json.dumps(bank_schema(), indent=2, sort_keys=True))
