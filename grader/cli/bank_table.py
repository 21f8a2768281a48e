"""Banks and questions on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from grader_api.schemas import BankOut, BankSummary, QuestionOut

    from grader.bank.question import Bank, Question

Row = dict[str, str | int | float | None]
_WIDTH = 100


def bank_row(bank: Bank) -> Row:
    """A bank in a list."""
    return {
        "bank": bank.bank,
        "title": bank.title,
        "questions": len(bank.questions),
        "criteria": sum(len(question.criteria) for question in bank.questions),
        "exemplars": sum(len(question.exemplars) for question in bank.questions),
        "version": bank.content_hash[:12],
    }


def summary_row(bank: BankSummary) -> Row:
    """A service's bank in a list, as `bank_row` has it."""
    return {
        "bank": bank.bank,
        "title": bank.title,
        "questions": bank.questions,
        "criteria": bank.criteria,
        "exemplars": bank.exemplars,
        "version": bank.version[:12],
    }


def question_row(question: Question | QuestionOut) -> Row:
    """A question in its bank's list; the number of its criteria is None where it may not be seen."""
    return {
        "id": question.id,
        "question": question.question,
        "topic": question.topic or "",
        "difficulty": question.difficulty or "",
        "criteria": None if question.criteria is None else len(question.criteria),
    }


def print_table(rows: list[Row]) -> None:
    """Print rows of the same columns to stdout, numbers to the right."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in rows[0] if rows else ():
        table.add_column(name, justify="right" if isinstance(rows[0][name], int | float) else "left")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(width=_WIDTH, highlight=False, markup=False).print(table)


def show_bank(bank: Bank) -> None:
    """Print a bank's summary and questions to stdout."""
    typer.echo(f"{bank.bank}: {bank.title}")
    if bank.source:
        by = f", {bank.source.author}" if bank.source.author else ""
        typer.echo(f"source: {bank.source.title or bank.source.document}{by}")
    typer.echo(f"version: {bank.content_hash}\n")
    print_table([question_row(question) for question in bank.questions])


def show_question(question: Question) -> None:
    """Print a question with its references and rubric to stdout."""
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


def show_summary(bank: BankOut, questions: list[QuestionOut]) -> None:
    """Print to stdout what a key may see of a bank without its document."""
    typer.echo(f"{bank.bank}: {bank.title}")
    typer.echo(f"version: {bank.version}\n")
    print_table([question_row(question) for question in questions])


def show_asked(question: QuestionOut) -> None:
    """Print to stdout what a key may see of a question without its rubric."""
    console = Console(width=_WIDTH, highlight=False, markup=False)
    console.print(f"{question.id}  {question.question}", style="bold")
    console.print(f"{question.max_points:g} points, topic: {question.topic or 'none'}", style="dim")
    console.print("\nReferences and rubric are shown to keys with the scope author or review.")
