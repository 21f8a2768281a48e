"""A grade on the terminal; plain text where there is none."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.grade import CriterionGrade, Evidence, Grade, Label, RemoteNote, RemoteOutcome, Verdict

_VERDICTS = {
    Verdict.MET: ("✓", "green"),
    Verdict.PARTIAL: ("◐", "yellow"),
    Verdict.MISSING: ("·", "dim"),
    Verdict.CONTRADICTED: ("✗", "red"),
}
_LABELS = {Label.CORRECT: "green", Label.PARTIAL: "yellow", Label.INCORRECT: "red"}
_WIDTH = 100


def show_grade(grade: Grade, answer: str, *, explain: bool) -> None:
    """Print a grade to stdout; with `explain`, its signals and the evidence marked in the answer."""
    console = Console(highlight=False)
    if console.width > _WIDTH or not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    console.print(Group(*_parts(grade, answer, explain)))


def _parts(grade: Grade, answer: str, explain: bool) -> list[RenderableType]:
    parts: list[RenderableType] = [_headline(grade), Text(), _criteria(grade, explain)]
    if grade.misconceptions:
        parts += [Text(), *(Text(f"✗ claims: {one.statement}", style="red") for one in grade.misconceptions)]
    if grade.flags:
        parts += [Text(), *(Text(f"! {flag.flag.value}: {flag.detail}", style="yellow") for flag in grade.flags)]
    if grade.remote is not None:
        parts += [Text(), Text(_remote(grade.remote), style="dim")]
    if explain:
        parts += [Text(), Text("evidence", style="bold"), Padding(_marked(grade, answer), (0, 0, 0, 2))]
        parts += [Text(), _signals(grade)]
    if grade.feedback:
        parts += [Text(), Text("feedback", style="bold"), Padding(Text(grade.feedback.candidate), (0, 0, 0, 2))]
    return parts


def _headline(grade: Grade) -> Text:
    if grade.score is None or grade.label is None or grade.confidence is None:
        return Text(f"not graded: {grade.error.message if grade.error else ''}", style="red")
    line = Text()
    line.append(f"{grade.points:g} of {grade.max_points:g} points", style="bold")
    line.append("  ")
    line.append(grade.label.value, style=f"bold {_LABELS[grade.label]}")
    line.append(f"  {'passed' if grade.passed else 'not passed'}")
    line.append(f"  score {grade.score:.2f} ({grade.confidence.low:.2f}–{grade.confidence.high:.2f})", style="dim")
    if grade.needs_review:
        reasons = ", ".join(reason.value.replace("_", " ") for reason in grade.reasons)
        line.append(f"\na person should look: {reasons}", style="yellow")
    return line


def _remote(note: RemoteNote) -> str:
    if note.outcome is not RemoteOutcome.JUDGED:
        why = note.outcome.value.replace("_", " ")
        return f"{note.judge} gave no verdicts ({why}: {note.detail}); this is the local grade"
    voided = f"; not in the answer is what it quotes for {', '.join(note.voided)}" if note.voided else ""
    return f"judged by {note.judge}{voided}"


def _criteria(grade: Grade, explain: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("verdict", no_wrap=True)
    table.add_column("criterion", ratio=1)
    table.add_column("weight", justify="right")
    table.add_column("earned", justify="right")
    for name in ("keywords", "coverage", "similarity") if explain else ():
        table.add_column(name, justify="right")
    for one in grade.criteria:
        table.add_row(*_row(one, explain), style=None if one.counted else "dim")
    return table


def _row(one: CriterionGrade, explain: bool) -> list[RenderableType]:
    sign, colour = _VERDICTS[one.verdict]
    earned = f"{one.score * one.weight:.1f}" if one.counted else "not counted"
    cells: list[RenderableType] = [Text(f"{sign} {one.verdict.value}", style=colour), one.statement]
    cells += [f"{one.weight:g}", earned]
    if explain:
        cells += [_number(one.signals.get(name)) for name in ("keywords", "coverage", "similarity")]
    return cells


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _signals(grade: Grade) -> Text:
    told = "  ".join(f"{name} {value:.2f}" for name, value in grade.signals.items())
    receipt = grade.receipt
    rest = f"\nreceipt   question {receipt.question_hash[:12]}  encoder {receipt.encoder}" if receipt else ""
    return Text(f"reference {told}{rest}", style="dim")


def _marked(grade: Grade, answer: str) -> Text:
    """The answer with the evidence underlined, in the colour of what it earned or lost."""
    text = Text(answer)
    for one in grade.criteria:
        _underline(text, one.evidence, _VERDICTS[one.verdict][1])
    for claim in grade.misconceptions:
        _underline(text, claim.evidence, "red")
    for flag in grade.flags:
        _underline(text, flag.evidence, "magenta")
    return text


def _underline(text: Text, evidence: tuple[Evidence, ...], colour: str) -> None:
    for one in evidence:
        text.stylize(f"underline {colour}", one.start, one.end)
