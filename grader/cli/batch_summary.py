"""A batch's summary on the terminal: on stderr, since stdout may be the table's."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.batch.summary import BINS, Summary

_WIDEST = 40  # characters of the longest bar


def show_summary(summary: Summary, output: str, distinct: int) -> None:
    """Print the figures of a batch."""
    console = Console(stderr=True, highlight=False)
    graded = summary.rows - summary.errors
    console.print(f"[bold]{_rows(summary.rows)}[/], {distinct:,} different answers: {escape(output)}", soft_wrap=True)
    if graded:
        labels = ", ".join(f"{label} {count:,}" for label, count in summary.labels.items())
        console.print(f"{labels}; passed {_share(summary.passed, graded)}, mean score {summary.mean:.2f}")
        console.print(f"for a person to look at: {summary.review:,} ({_share(summary.review, graded)})")
        console.print(_histogram(summary.histogram))
    if summary.errors:
        console.print(f"[bold]not graded: {_rows(summary.errors)}[/]")
        for kind, count, line in summary.error_kinds:
            where = f"line {line:,}" if count == 1 else f"first on line {line:,}"
            console.print(f"  {count:,} × {escape(kind)} ({where})", soft_wrap=True)


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}"


def _histogram(counts: tuple[int, ...]) -> Table:
    table = Table.grid(padding=(0, 1))
    for _ in range(3):
        table.add_column(justify="right")
    most = max(counts)
    for place, count in enumerate(counts):
        bar = "█" * -(-count * _WIDEST // most)
        table.add_row(f"{place / BINS:.1f}–{(place + 1) / BINS:.1f}", f"{count:,}", bar)
    table.columns[2].justify = "left"
    return table
