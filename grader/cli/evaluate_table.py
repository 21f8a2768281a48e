"""An evaluation on the terminal: few columns, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.evaluation.bootstrap import Estimate
from grader.evaluation.breakdown import Disagreement, Part, QuestionFigures
from grader.evaluation.evaluation import Evaluation
from grader.evaluation.figures import Method

_WIDTH = 100
_COLUMNS = {
    "within_pearson": "r within",
    "pearson": "r",
    "rmse": "error",
    "qwk": "kappa",
    "auc": "good above bad",
}
_NAMES = {
    "grader": "grader",
    "people": "second person",
    "cosine": "cosine",
    "tfidf": "TF-IDF",
    "token_f1": "shared words",
    "length": "length alone",
}
_SHOWN = 5
_SHARE = 0.2

_MEANING = (
    "r within: do better answers to the same question get higher scores (1 always, 0 by chance). r: the same across "
    "all questions. error: typical distance of score and mark (RMSE), on a scale of 0 to 1. kappa: agreement on the "
    "marks' own levels, beyond chance. good above bad: how often a good answer (marked {pass_mark:g} or more) is "
    "scored above one that is not (AUC). In brackets: where 95 % of {count:,} resamples of the questions lie."
)


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
    yield Text(_MEANING.format(pass_mark=found.pass_mark, count=found.resamples.count), style="dim")
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
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    for told in _COLUMNS.values():
        table.add_column(told, justify="right", no_wrap=True)
    table.add_row(*_method(found.grader), style="bold")
    if found.people is not None and found.grader_beside_people is not None:
        table.add_row(*_method(found.people))
        if found.people.answers < found.grader.answers:
            told = f"grader on those {found.people.answers:,}"
            table.add_row(told, *_method(found.grader_beside_people)[1:])
    for baseline in found.baselines:
        table.add_row(*_method(baseline))
    return table


def _method(method: Method) -> list[str]:
    return [_NAMES[method.name], *(_interval(method.estimates[name]) for name in _COLUMNS)]


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _number(estimate.value)
    return f"{_number(estimate.value)} ({_number(estimate.low)}–{_number(estimate.high)})"


def _number(value: float | None) -> str:
    """Two decimals, a true minus, and no negative nothing."""
    return "–" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


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
        yield Text(f"{told}answers of like scores are off by {_number(gap.value)} (calibration error).")
    if calibrated.value is not None:
        yield Text(
            f"Scores moved to people's scale, as learnt on other questions, have an error of {_interval(calibrated)}."
        )
    place = found.review.shares.index(_SHARE)
    curve = found.review
    yield Text(
        f"{found.to_review:.0%} of the answers are sent to a person. Were it the {_SHARE:.0%} of which the grader is "
        f"least sure, the others' error would be {curve.by_doubt[place]:.2f} (with none sent "
        f"{curve.random[place]:.2f}, at best {curve.ideal[place]:.2f})."
    )


def _table_of_parts(title: str, parts: Sequence[Part]) -> Table:
    table = _table(title, "answers", "mean mark", "mean score", "score − mark", "error")
    for part in parts:
        table.add_row(
            part.name,
            f"{part.answers:,}",
            _number(part.human),
            _number(part.score),
            _interval(part.bias),
            _interval(part.rmse),
        )
    return table


def _hardest(questions: Sequence[QuestionFigures], total: int) -> Table:
    table = _table(f"largest error, of {total:,} questions", "answers", "mean mark", "mean score", "r", "error")
    for one in questions:
        table.add_row(
            one.question_id,
            f"{one.answers:,}",
            _number(one.human),
            _number(one.score),
            _number(one.pearson),
            _number(one.rmse),
        )
    return table


def _furthest(found: Sequence[Disagreement]) -> Table:
    table = _table("furthest from the mark", "line", "mark", "score", "to a person")
    for one in found:
        table.add_row(
            one.question_id, str(one.line), _number(one.human), _number(one.score), "yes" if one.needs_review else "no"
        )
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="ellipsis", no_wrap=True, max_width=40)
    for told in others:
        table.add_column(told, justify="right", no_wrap=True)
    return table
