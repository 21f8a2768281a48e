"""A grade as the cells that it adds to a row."""

from __future__ import annotations

import json
from dataclasses import dataclass

from grader.batch.tables.row import Cell, RowError
from grader.grade import Grade, Verdict

_NOT_MADE = {Verdict.MISSING, Verdict.CONTRADICTED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row.

    Attributes:
        cells: by the names of `columns.GRADED`.
        reasons: why a person should look.
        doubt: the width of the score's interval, in [0, 1].
    """

    cells: dict[str, Cell]
    reasons: tuple[str, ...] = ()
    doubt: float = 1.0


def outcome(grade: Grade) -> Outcome:
    """The outcome that a grade is."""
    cells: dict[str, Cell] = {
        "score": grade.score,
        "points": grade.points,
        "max_points": grade.max_points,
        "passed": grade.passed,
        "label": grade.label.value if grade.label else None,
        "needs_review": grade.needs_review,
        "flags": [one.flag.value for one in grade.flags],
        "missing": [one.id for one in grade.criteria if one.counted and one.verdict in _NOT_MADE],
        "feedback": grade.feedback.candidate if grade.feedback else None,
        "remote_judge": grade.remote.outcome.value if grade.remote else None,
        "error": grade.error.message if grade.error else None,
    }
    interval = grade.confidence
    doubt = round(interval.high - interval.low, 4) if interval else 1.0
    return Outcome(cells, tuple(reason.value for reason in grade.reasons), doubt)


def unread(error: RowError) -> Outcome:
    """The outcome of a row that could not be read or asked: no score, and a person should look."""
    column = f"{error.column}: " if error.column else ""
    told = f"line {error.line}: {column}{error.reason}"
    return Outcome({"needs_review": True, "flags": [], "missing": [], "error": told})


def dumped(outcome: Outcome) -> str:
    """An outcome as JSON."""
    return json.dumps([outcome.cells, outcome.reasons, outcome.doubt])


def loaded(text: str) -> Outcome:
    """An outcome from its JSON."""
    cells, reasons, doubt = json.loads(text)
    return Outcome(cells, tuple(reasons), doubt)
