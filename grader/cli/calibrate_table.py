"""Scales on the terminal: what becomes of scores, and how much nearer they come to the marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.evaluation.wording import number, share
from grader.scoring.scale import Scale
from grader.training.few_marks import FewMarks
from grader.training.scale_report import QuestionScale, ScaleReport

_WIDTH = 100
_SHOWN = (0.25, 0.5, 0.75, 1.0)  # scores whose marks are shown

_MEANING = (
    "error: typical distance of score and mark (RMSE), on a scale of 0 to 1. on the scale: the same of marks that are "
    "each predicted from the question's others; where it is no smaller, scores stay as they are. The last columns say "
    "what becomes of a score. used: marks of answers that were graded and that no guard or misconception caps."
)
_CURVE = (
    "So many marks of each question are drawn by chance, the others graded: error before and on the scale, over ten "
    "draws. nearer, further: of the questions, how many get a smaller or a larger error."
)


def show_scales(told: ScaleReport) -> None:
    """Print a calibration to stdout."""
    console = Console(highlight=False)
    if console.width > _WIDTH or not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    console.print(Group(*_parts(told)))


def _parts(told: ScaleReport) -> Iterator[RenderableType]:
    moved = sum(one.moved for one in told.questions)
    yield Text(
        f"{told.source}: {_counted(told.rows, 'mark')} of {_counted(len(told.questions), 'question')}, {moved:,} moved",
        style="bold",
    )
    if told.ungraded:
        yield Text(f"{told.ungraded:,} answers could not be graded and are not used.", style="yellow")
    yield Text()
    yield _questions(told)
    yield Text(_MEANING, style="dim")
    yield Text()
    yield Text(f"Over all, the error falls from {number(told.before)} to {number(told.after)}.")
    if told.curve:
        yield Text()
        yield _curve(told.curve)
        yield Text(_CURVE, style="dim")


def _questions(told: ScaleReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("question", overflow="ellipsis", no_wrap=True, max_width=40)
    for heading in ("marks", "used", "error", "on the scale", *(f"{score:g} →" for score in _SHOWN)):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in told.questions:
        errors = (number(one.before), number(one.after))
        table.add_row(one.question_id, f"{one.marks:,}", f"{one.used:,}", *errors, *_moved(one))
    for bank, scale in told.banks.items():
        table.add_row(f"{bank}, without marks", "", "", "", "", *_marks(scale))
    return table


def _moved(one: QuestionScale) -> list[str]:
    if one.scale is None:
        return ["too few marks"]
    return _marks(one.scale) if one.moved else ["stays"]


def _marks(scale: Mapping[str, float]) -> list[str]:
    return [number(Scale(**scale).mark(score)) for score in _SHOWN]


def _curve(curve: tuple[FewMarks, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("marks a question", "questions", "error", "on the scale", "nearer", "further"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in curve:
        table.add_row(
            str(one.marks),
            f"{one.questions:,}",
            number(one.before),
            number(one.after),
            share(one.better),
            share(one.worse),
        )
    return table


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"
