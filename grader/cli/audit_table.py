"""An audit on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.cli.judging import told
from grader.evaluation.attacks import Aim
from grader.evaluation.audit import Audit, Finding, Outcome
from grader.evaluation.wording import number, share

_WIDTH = 100
_SHOWN = 5
_CUT = 160  # code points of an accepted attack that are shown

_MEANING = (
    "accepted: the share that reaches the pass mark of {pass_mark:g}; of tries with a plain answer beside them, that "
    "reaches it only by the trick (those rows show what the plain answers score). 95 %: where the true share lies "
    "(Wilson). to a person: how many of the accepted the grader sends to one. limit: the share that may be accepted."
)
_LOCAL = " local: the share that is accepted without the language model."


def show_audit(found: Audit) -> None:
    """Print an audit to stdout."""
    console = Console(highlight=False)
    if console.width > _WIDTH or not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    console.print(Group(*_parts(found)))


def _parts(found: Audit) -> Iterator[RenderableType]:
    attacks = [outcome for outcome in found.outcomes if outcome.aim != Aim.KEEP.value]
    right = [outcome for outcome in found.outcomes if outcome.aim == Aim.KEEP.value]
    yield Text(f"{', '.join(found.banks)}: {found.questions:,} questions, seed {found.seed}", style="bold")
    yield Text()
    local = None if found.local is None else {outcome.attack: outcome for outcome in found.local}
    yield _table("attack", attacks, local)
    yield Text()
    yield _table("right answers", right, local)
    yield Text(_MEANING.format(pass_mark=found.pass_mark) + (_LOCAL if local is not None else ""), style="dim")
    if found.judging is not None:
        yield Text(f"{found.receipt['remote_judge']} ({found.receipt['judge_mode']}): {told(found.judging)}.")
    ungraded = sum(outcome.ungraded for outcome in found.outcomes)
    if ungraded:
        yield Text(f"{ungraded:,} tries could not be graded and are in no share.", style="yellow")
    yield from _examples(found.accepted)
    yield Text()
    yield _conclusion(attacks)


def _table(title: str, outcomes: Iterable[Outcome], local: Mapping[str, Outcome] | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(title, no_wrap=True)
    beside = () if local is None else ("local",)
    for heading in ("tries", "accepted", *beside, "95 %", "to a person", "score", "plain", "limit"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in outcomes:
        table.add_row(
            one.attack,
            f"{one.answers:,}",
            share(one.share),
            *(() if local is None else (share(local[one.attack].share),)),
            f"{100 * one.low:.0f}–{100 * one.high:.0f}",
            f"{one.to_review:,} of {one.accepted:,}",
            number(one.score),
            "" if one.base_score is None else number(one.base_score),
            "" if one.limit is None else share(one.limit),
            style="red" if one.too_many else None,
        )
    return table


def _examples(accepted: tuple[Finding, ...]) -> Iterator[RenderableType]:
    """The accepted attacks of the highest scores, one of each attack."""
    best: dict[str, Finding] = {}
    for one in sorted(accepted, key=lambda one: -one.score):
        best.setdefault(one.attack, one)
    if not best:
        return
    yield Text()
    yield Text(f"accepted, for example (all {len(accepted):,} with --json)", style="bold")
    for one in list(best.values())[:_SHOWN]:
        answer = " ".join(one.answer.split())
        cut = answer if len(answer) <= _CUT else f"{answer[:_CUT]}…"
        yield Text(f"  {one.question_id}, {one.attack}, {number(one.score)}: {cut}")


def _conclusion(attacks: Iterable[Outcome]) -> Text:
    beyond = [outcome.attack for outcome in attacks if outcome.too_many]
    if not beyond:
        return Text("No attack is accepted more often than its limit.", style="green")
    return Text(f"Accepted more often than their limit: {', '.join(beyond)}.", style="red")
