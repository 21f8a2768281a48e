"""An evaluation on the terminal: few columns, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.cli.judging import told as told_of_judging
from grader.evaluation.breakdown import Disagreement, Part, QuestionFigures
from grader.evaluation.evaluation import Evaluation
from grader.evaluation.figures import Method
from grader.evaluation.remote import RemoteFigures
from grader.evaluation.wording import HEADINGS, MEANINGS, METHODS, between, number, share, with_interval

_WIDTH = 100
_SHOWN = 5
_SHARE = 0.2


def show_evaluation(found: Evaluation) -> None:
    """Print an evaluation to stdout."""
    console = Console(highlight=False)
    if console.width > _WIDTH or not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    console.print(Group(*_parts(found)))


def _parts(found: Evaluation) -> Iterator[RenderableType]:
    yield Text(
        f"{found.source}: {found.grader.answers:,} answers to {found.grader.questions:,} questions", style="bold"
    )
    if found.ungraded:
        first = found.ungraded[0]
        told = f"{len(found.ungraded):,} of {found.rows:,} rows could not be graded and are in no figure; the first: "
        yield Text(f"{told}line {first.line}: {first.reason}", style="yellow")
    yield Text()
    yield _methods(found)
    yield _meaning(found)
    yield Text()
    yield from _lines(found)
    for title, parts in (("group", found.groups), ("length", found.lengths)):
        if parts:
            yield Text()
            yield _table_of_parts(title, parts)
    yield Text()
    yield _hardest(found.questions[:_SHOWN], len(found.questions))
    yield Text()
    yield _furthest(found.disagreements[:_SHOWN])


def _methods(found: Evaluation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for told in HEADINGS.values():
        table.add_column(told, justify="right", no_wrap=True)
    table.add_row(*_method(found.grader), style="bold")
    if found.remote is not None:
        table.add_row(*_method(found.remote.method))
    if found.people is not None and found.grader_beside_people is not None:
        table.add_row(*_method(found.people))
        if found.people.answers < found.grader.answers:
            table.add_row(
                f"grader on those\n{found.people.answers:,} answers", *_method(found.grader_beside_people)[1:]
            )
    for baseline in found.baselines:
        table.add_row(*_method(baseline))
    return table


def _method(method: Method) -> list[RenderableType]:
    """A row of two lines: the figures, and below each its interval."""
    cells: list[RenderableType] = [METHODS[method.name]]
    for name in HEADINGS:
        estimate = method.estimates[name]
        cells.append(Text(number(estimate.value)).append(f"\n{between(estimate)}", style="not bold dim"))
    return cells


def _meaning(found: Evaluation) -> Text:
    told = [f"{heading}: {MEANINGS[name]}" for name, heading in HEADINGS.items()]
    told.append(f"Good: marked {found.pass_mark:g} or more")
    told.append(f"Below each figure: where 95 % of {found.resamples.count:,} resamples of the questions lie")
    return Text(". ".join(told) + ".", style="dim")


def _lines(found: Evaluation) -> Iterator[Text]:
    estimates = found.grader.estimates
    silent = found.grader.questions - found.grader.telling
    if silent:
        told = (
            f"r within leaves out {silent:,} questions whose answers all got one mark, or that have fewer than three."
        )
        yield Text(told)
    bias, calibrated, gap = (estimates[name] for name in ("bias", "rmse_calibrated", "calibration_error"))
    if bias.value is not None:
        side = "milder" if bias.value > 0 else "stricter"
        told = f"On average the grader is {abs(bias.value):.2f} {side} than people; "
        yield Text(f"{told}answers of like scores are off by {number(gap.value)} (calibration error).")
    if calibrated.value is not None:
        yield Text(
            "Scores moved to people's scale, as learnt on other questions, have an error of "
            f"{with_interval(calibrated)}."
        )
    if found.remote is not None:
        yield from _remote_lines(found.remote)
    place = found.review.shares.index(_SHARE)
    curve = found.review
    yield Text(
        f"{share(found.to_review)} of the answers are sent to a person. Were it the {share(_SHARE)} of which the "
        f"grader is least sure, the others' error would be {curve.by_doubt[place]:.2f} (with none sent "
        f"{curve.random[place]:.2f}, at best {curve.ideal[place]:.2f})."
    )


def _remote_lines(remote: RemoteFigures) -> Iterator[Text]:
    yield Text(f"With {remote.judge} ({remote.mode}): {told_of_judging(remote.tally)}.")
    yield Text(
        f"It changes {remote.changed:,} scores, by {remote.difference:.2f} on average of all; agreement with the local "
        f"scores (kappa) {number(remote.agreement)}; {share(remote.to_review)} of its grades are sent to a person."
    )


def _table_of_parts(title: str, parts: Sequence[Part]) -> Table:
    table = _table(title, "answers", "mean mark", "mean score", "score − mark", "error")
    for part in parts:
        table.add_row(
            part.name,
            f"{part.answers:,}",
            number(part.human),
            number(part.score),
            with_interval(part.bias),
            with_interval(part.rmse),
        )
    return table


def _hardest(questions: Sequence[QuestionFigures], total: int) -> Table:
    table = _table(f"largest error, of {total:,} questions", "answers", "mean mark", "mean score", "r", "error")
    for one in questions:
        table.add_row(
            one.question_id,
            f"{one.answers:,}",
            number(one.human),
            number(one.score),
            number(one.pearson),
            number(one.rmse),
        )
    return table


def _furthest(found: Sequence[Disagreement]) -> Table:
    table = _table("furthest from the mark", "line", "mark", "score", "to a person")
    for one in found:
        table.add_row(
            one.question_id, str(one.line), number(one.human), number(one.score), "yes" if one.needs_review else "no"
        )
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="ellipsis", no_wrap=True, max_width=40)
    for told in others:
        table.add_column(told, justify="right", no_wrap=True)
    return table
