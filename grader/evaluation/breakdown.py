"""Where the grader is off: by group, by length, by question, and the answers it disagrees about most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.evaluation import metrics
from grader.evaluation.bootstrap import Estimate, Figures, Resamples, intervals
from grader.evaluation.figures import Marks
from grader.evaluation.graded import GradedAnswer
from grader.evaluation.metrics import Floats, Ints


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of some of the answers.

    Attributes:
        human: their mean mark.
        score: their mean score.
        bias: mean score less mean mark; below 0 the grader is stricter than people.
        pearson: of the part's answers together; None where it is not defined.
    """

    name: str
    answers: int
    questions: int
    human: float
    score: float
    bias: Estimate
    rmse: Estimate
    pearson: float | None


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """The figures of one question; `pearson` is None where marks are constant or fewer than three."""

    question_id: str
    question: str
    answers: int
    human: float
    score: float
    rmse: float
    pearson: float | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An answer whose score lies far from its mark; `answer` is None where texts are not to be shown."""

    line: int
    question_id: str
    human: float
    score: float
    needs_review: bool
    flags: tuple[str, ...]
    answer: str | None


def by_group(graded: Sequence[GradedAnswer], marked: Marks, score: Floats, resamples: Resamples) -> tuple[Part, ...]:
    """A part for each group, by name; none where the file names no groups."""
    names = [one.marked.group for one in graded]
    return tuple(
        _part(name, np.flatnonzero([other == name for other in names]), marked, score, resamples)
        for name in sorted({name for name in names if name is not None})
    )


def by_length(graded: Sequence[GradedAnswer], marked: Marks, score: Floats, resamples: Resamples) -> tuple[Part, ...]:
    """Four parts by the quartiles of the answers' words; fewer where many answers have one length."""
    words = np.array([len(one.marked.answer.split()) for one in graded])
    edges = np.unique(np.quantile(words, [0.25, 0.5, 0.75]))
    bins = np.searchsorted(edges, words, side="left")
    return tuple(
        _part(_told(words[rows]), rows, marked, score, resamples)
        for rows in (np.flatnonzero(bins == number) for number in range(len(edges) + 1))
        if len(rows)
    )


def _told(words: Ints) -> str:
    low, high = int(words.min()), int(words.max())
    span = f"{low}" if low == high else f"{low}–{high}"
    return f"{span} word{'s' * (high != 1)}"


def _part(name: str, rows: Ints, marked: Marks, score: Floats, resamples: Resamples) -> Part:
    among, scores = marked.among(rows), score[rows]

    def measure(drawn: Ints, _times: Ints) -> Figures:
        human, given = among.human[drawn], scores[drawn]
        return {"bias": float(np.mean(given - human)), "rmse": metrics.rmse(human, given)}

    estimates = intervals(measure, among.questions, resamples)
    return Part(
        name=name,
        answers=len(rows),
        questions=len(among.ids),
        human=float(among.human.mean()),
        score=float(scores.mean()),
        bias=estimates["bias"],
        rmse=estimates["rmse"],
        pearson=_defined(metrics.pearson(among.human, scores)),
    )


def by_question(graded: Sequence[GradedAnswer], marked: Marks, score: Floats) -> tuple[QuestionFigures, ...]:
    """Every question, the one with the largest error first."""
    texts = {one.marked.question_id: one.marked.question for one in graded}
    r = metrics.within(marked.human, score, marked.questions)
    sizes = np.bincount(marked.questions)
    human, scores, squared = (
        np.bincount(marked.questions, values) / sizes for values in (marked.human, score, (score - marked.human) ** 2)
    )
    found = [
        QuestionFigures(
            question_id=name,
            question=texts[name],
            answers=int(sizes[number]),
            human=float(human[number]),
            score=float(scores[number]),
            rmse=float(np.sqrt(squared[number])),
            pearson=_defined(float(r[number])),
        )
        for number, name in enumerate(marked.ids)
    ]
    return tuple(sorted(found, key=lambda one: (-one.rmse, one.question_id)))


def disagreements(
    graded: Sequence[GradedAnswer], marked: Marks, score: Floats, most: int, *, show_answers: bool
) -> tuple[Disagreement, ...]:
    """The answers whose score lies furthest from their mark, at most so many; of equals, the surest grades first."""

    def key(row: int) -> tuple[float, float, int]:
        return -abs(score[row] - marked.human[row]), graded[row].doubt, graded[row].marked.line

    order = sorted(range(len(graded)), key=key)
    return tuple(
        Disagreement(
            line=graded[row].marked.line,
            question_id=graded[row].marked.question_id,
            human=float(marked.human[row]),
            score=float(score[row]),
            needs_review=graded[row].needs_review,
            flags=graded[row].flags,
            answer=graded[row].marked.answer if show_answers else None,
        )
        for row in order[:most]
    )


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else value
