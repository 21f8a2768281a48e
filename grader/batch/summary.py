"""A finished batch in figures, read from its ledger row by row."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.batch.ledger import Finished

BINS = 10
_QUEUE = 50  # rows that the review queue shows
_KINDS = 10  # kinds of errors that are told


@dataclass(slots=True)
class _Tally:
    """Scores of some rows, being counted."""

    rows: int = 0
    total: float = 0.0
    passed: int = 0
    review: int = 0
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, row: Finished, score: float) -> None:
        cells = row.outcome.cells
        self.rows += 1
        self.total += score
        self.passed += bool(cells["passed"])
        self.review += bool(cells["needs_review"])
        self.bins[min(int(score * BINS), BINS - 1)] += 1
        self.missing.update(cells["missing"])


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """The graded answers to one question.

    Attributes:
        mean: of the scores, in [0, 1].
        passed, review: shares of the answers, in [0, 1].
        histogram: how many scores lie in each tenth of [0, 1].
        missing: criteria that are not met at all, each with the number of answers, the most missed first.
    """

    question: str
    answers: int
    mean: float
    passed: float
    review: float
    histogram: tuple[int, ...]
    missing: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A row that a person should look at."""

    line: int
    question: str
    answer: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in figures.

    Attributes:
        rows: all of them.
        errors: those that were not graded.
        error_kinds: the most frequent errors, as told without their lines, with how many rows have each and the line of
            the first.
        labels: how many rows have each label.
        mean: of the scores, in [0, 1]; None where nothing was graded.
        passed, review: numbers of graded rows.
        histogram: how many scores lie in each tenth of [0, 1].
        questions: the hardest first; empty unless asked for.
        queue: what a person should look at, the most doubtful first; empty unless asked for.
    """

    rows: int
    errors: int
    error_kinds: tuple[tuple[str, int, int], ...]
    labels: Mapping[str, int]
    mean: float | None
    passed: int
    review: int
    histogram: tuple[int, ...]
    questions: tuple[QuestionFigures, ...] = ()
    queue: tuple[Doubtful, ...] = ()


def summarize(rows: Iterable[Finished], answer_column: str, *, detailed: bool = False) -> Summary:
    """The figures of a batch; `detailed` adds the questions and the review queue."""
    whole, questions = _Tally(), dict[str, _Tally]()
    labels, errors, first = Counter[str](), Counter[str](), dict[str, int]()
    queue: list[tuple[float, int, Doubtful]] = []
    count = 0
    for place, row in enumerate(rows):
        count += 1
        cells = row.outcome.cells
        score = cells.get("score")
        if score is None:
            errors[kind := _kind(str(cells["error"]))] += 1
            first.setdefault(kind, row.line)
            continue
        whole.add(row, score)
        labels[cells["label"]] += 1
        if detailed:
            questions.setdefault(row.question, _Tally()).add(row, score)
            if cells["needs_review"]:
                _queue(queue, row, place, answer_column)
    return Summary(
        rows=count,
        errors=errors.total(),
        error_kinds=tuple((kind, count, first[kind]) for kind, count in errors.most_common(_KINDS)),
        labels=dict(sorted(labels.items())),
        mean=round(whole.total / whole.rows, 4) if whole.rows else None,
        passed=whole.passed,
        review=whole.review,
        histogram=tuple(whole.bins),
        questions=tuple(
            sorted((_figures(*one) for one in questions.items()), key=lambda one: (one.mean, one.question))
        ),
        queue=tuple(doubtful for _, _, doubtful in sorted(queue, key=lambda one: (-one[0], -one[1]))),
    )


def _kind(error: str) -> str:
    return error.split(": ", 1)[-1] if error.startswith("line ") else error


def _queue(queue: list[tuple[float, int, Doubtful]], row: Finished, place: int, answer_column: str) -> None:
    shown = Doubtful(
        row.line,
        row.question,
        str(row.cells.get(answer_column) or ""),
        row.outcome.cells["score"],
        (*row.outcome.reasons, *row.outcome.cells["flags"]),
    )
    entry = (row.outcome.doubt, -place, shown)
    if len(queue) < _QUEUE:
        heapq.heappush(queue, entry)
    else:
        heapq.heappushpop(queue, entry)


def _figures(question: str, tally: _Tally) -> QuestionFigures:
    return QuestionFigures(
        question,
        tally.rows,
        round(tally.total / tally.rows, 4),
        tally.passed / tally.rows,
        tally.review / tally.rows,
        tuple(tally.bins),
        tuple(tally.missing.most_common()),
    )
