"""`grader bank`: what is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from grader.cli import bank_export
from grader.cli.options import AsJson, BankPaths, CacheDir, settings

if TYPE_CHECKING:
    from grader.bank.finding import Finding
    from grader.bank.question import Bank, Question
    from grader.settings import Settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Question banks.")
app.command("export")(bank_export.export)
_WIDTH = 100


@app.command("list")
def list_banks(
    bank_id: Annotated[str | None, typer.Argument(metavar="BANK", help="List this bank's questions.")] = None,
    as_json: AsJson = False,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """List the banks, or the questions of one."""
    from grader.bank.library import load_library

    chosen = settings(banks=banks, cache_dir=cache_dir)
    library = load_library(chosen.banks, chosen.cache_dir)
    if bank_id is None:
        rows = [_bank_row(bank) for bank in library.banks]
    else:
        rows = [_question_row(question) for question in library.bank(bank_id).questions]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        _print_table(rows)


@app.command()
def show(
    item: Annotated[str, typer.Argument(metavar="ID", help="A question's id, or a bank's.")],
    as_json: AsJson = False,
    banks: BankPaths = None,
    cache_dir: CacheDir = None,
) -> None:
    """Show one question with its references and rubric, or a bank's summary and questions."""
    from grader.bank.library import load_library

    chosen = settings(banks=banks, cache_dir=cache_dir)
    library = load_library(chosen.banks, chosen.cache_dir)
    known = {bank.bank: bank for bank in library.banks}
    if item in known:
        bank = known[item]
        _show_bank(bank) if not as_json else typer.echo(bank.model_dump_json(indent=2))
        return
    _, question = library.question(item)
    _show_question(question) if not as_json else typer.echo(question.model_dump_json(indent=2))


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
        from grader.cli.loading import chosen_judge
        from grader.encoders.sentence import load_encoder
        from grader.evaluation.encoding_lint import lint_encodings
        from grader.evaluation.rubric_lint import lint_rubrics

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


def _bank_row(bank: Bank) -> dict[str, str | int]:
    return {
        "bank": bank.bank,
        "title": bank.title,
        "questions": len(bank.questions),
        "criteria": sum(len(question.criteria) for question in bank.questions),
        "exemplars": sum(len(question.exemplars) for question in bank.questions),
        "version": bank.content_hash[:12],
    }


def _question_row(question: Question) -> dict[str, str | int]:
    return {
        "id": question.id,
        "question": question.question,
        "topic": question.topic or "",
        "difficulty": question.difficulty or "",
        "criteria": len(question.criteria),
    }


def _print_table(rows: list[dict[str, str | int]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in rows[0] if rows else ():
        table.add_column(name, justify="right" if isinstance(rows[0][name], int) else "left")
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(width=_WIDTH, highlight=False).print(table)


def _show_bank(bank: Bank) -> None:
    typer.echo(f"{bank.bank}: {bank.title}")
    if bank.source:
        by = f", {bank.source.author}" if bank.source.author else ""
        typer.echo(f"source: {bank.source.title or bank.source.document}{by}")
    typer.echo(f"version: {bank.content_hash}\n")
    _print_table([_question_row(question) for question in bank.questions])


def _show_question(question: Question) -> None:
    console = Console(width=_WIDTH, highlight=False, markup=False)
    console.print(f"{question.id}  {question.question}", style="bold")
    console.print(f"{question.max_points:g} points, topic: {question.topic or 'none'}", style="dim")
    for number, reference in enumerate(question.references, start=1):
        console.print(f"\nreference {number}: {' '.join(reference.split())}")
    console.print("\ncriteria" + (f" (of the electives, {question.at_least} are wanted)" if question.at_least else ""))
    for criterion in question.criteria:
        elective = ", elective" if criterion.elective else ""
        console.print(f"  {criterion.id} (weight {criterion.weight:g}{elective}): {criterion.statement}")
    if question.misconceptions:
        console.print("\nmisconceptions")
    for misconception in question.misconceptions:
        console.print(f"  {misconception.id} (leaves at most {misconception.cap:g}): {misconception.statement}")
    if question.notes:
        console.print(f"\nnotes: {' '.join(question.notes.split())}")
