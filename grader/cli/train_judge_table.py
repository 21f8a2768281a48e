"""A training on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.evaluation.wording import number, share
from grader.training.judge.accuracy import Accuracy
from grader.training.judge.report import TrainingReport

_MEANING = (
    "held out: examples of questions that were not trained on. before, after: how many of them the judge gets right, "
    "said, left open or contradicted; where marks tell no more, whether it is said. told apart: how often one that "
    "says its statement is found to say it more than one that does not (0.5 is chance)."
)


def show_training(told: TrainingReport) -> None:
    """Print a training to stdout."""
    Console(highlight=False).print(Group(*_parts(told)))


def _parts(told: TrainingReport) -> Iterator[RenderableType]:
    taken = f"{told.steps - told.resumed:,} steps in {told.seconds:,.0f} s"
    yield Text(f"{told.trained:,} examples learnt from, {told.held:,} held out; {taken}", style="bold")
    yield Text()
    yield _sources(told)
    yield Text(_MEANING, style="dim")
    yield Text()
    yield Text(_verdict(told))


def _sources(told: TrainingReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("source", overflow="ellipsis", no_wrap=True, max_width=40)
    for heading in ("learnt from", "held out", "before", "after", "told apart", "after"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in told.sources:
        figures = (_right(one.before), _right(one.after), _auc(one.before), _auc(one.after))
        table.add_row(one.name, f"{one.trained:,}", f"{one.held:,}", *figures)
    return table


def _right(found: Accuracy | None) -> str:
    return "–" if found is None else share(found.right)


def _auc(found: Accuracy | None) -> str:
    return number(None if found is None else found.auc)


def _verdict(told: TrainingReport) -> str:
    if told.before is None or told.after is None:
        return "Nothing was held out: whether it got better is not known."
    change = f"{share(told.before.right)} to {share(told.after.right)}"
    apart = f"what is told apart from {number(told.before.auc)} to {number(told.after.auc)}"
    return f"Over all, what is judged right goes from {change}, {apart}: {'better' if told.better else 'not better'}."
