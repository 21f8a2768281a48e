"""Answers with people's marks: what a marked file says, as frozen values with marks in [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from grader.errors import DatasetError, Fault
from grader.evaluation.records import BETWEEN_REFERENCES, Record, read_records

ALIASES: Mapping[str, tuple[str, ...]] = {
    "question_id": ("question_id",),
    "question": ("question",),
    "reference": ("reference", "references", "reference_answer"),
    "answer": ("answer", "response", "submitted_answer", "student_answer"),
    "human_score": ("human_score", "score", "mark"),
    "human_score_2": ("human_score_2", "score_2", "mark_2"),
    "group": ("group",),
    "max_score": ("max_score",),
}
"""The names that each column may have; the first is the column's own and goes before the others."""

_GRADERS_OWN = frozenset({"points", "passed", "needs_review"})  # columns that a grader writes beside its own `score`


@dataclass(frozen=True, slots=True)
class MarkRange:
    """The marks of a file: from `low` to `high`."""

    low: float = 0.0
    high: float = 1.0

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class MarkedAnswer:
    """An answer and its mark.

    Attributes:
        line: where it begins in its file.
        question: the question's text; empty where the file does not say and a bank must.
        references: the file's reference answers; empty where a bank must bring them.
        human: the mark, in [0, 1].
        human_2: a second person's mark of the same answer, in [0, 1], or None.
        group: whom or what to report apart, or None.
    """

    line: int
    question_id: str
    question: str
    references: tuple[str, ...]
    answer: str
    human: float
    human_2: float | None
    group: str | None


def read_marked(path: Path, marks: MarkRange | None = None) -> tuple[MarkedAnswer, ...]:
    """Read a marked file.

    Marks lie in the range `marks`, else from 0 to the row's `max_score` where there is such a column, else from 0 to 1.

    Raises:
        DatasetError: a column is missing or named twice, a mark is no number or lies outside its range, a question id
            stands with two texts, or the file is no table; with the line and the column of each fault.
    """
    records = read_records(path)
    columns = _columns(path, {name for record in records for name in record.cells})
    faults: list[Fault] = []
    answers: list[MarkedAnswer] = []
    for record in records:
        try:
            answers.append(_Row(path, record, columns, marks).answer())
        except DatasetError as error:
            faults.extend(error.faults)
    faults.extend(_two_texts(path, answers, columns))
    if faults:
        raise DatasetError(sorted(faults, key=lambda fault: fault.line or 0))
    return tuple(answers)


def _columns(path: Path, present: set[str]) -> dict[str, str]:
    """The file's own name for each of our columns.

    Raises:
        DatasetError: a needed column is missing, or two columns would serve for one.
    """
    faults: list[Fault] = []
    columns: dict[str, str] = {}
    for column, names in ALIASES.items():
        found = [name for name in names if name in present]
        if len(found) > 1 and found[0] != column:
            faults.append(
                Fault(str(path), 1, column, f"{' and '.join(found)} could each be it; rename one to {column}")
            )
        if found:
            columns[column] = found[0]
    faults += [
        Fault(str(path), 1, column, f"there is no such column (or {', '.join(ALIASES[column][1:])})")
        for column in ("answer", "human_score")
        if column not in columns
    ]
    if "question_id" not in columns and "question" not in columns:
        faults.append(Fault(str(path), 1, "question_id", "there is no such column, nor question"))
    if columns.get("human_score") == "score" and present & _GRADERS_OWN:
        reason = "score stands beside columns that a grader writes, so it is no person's mark; name that human_score"
        faults.append(Fault(str(path), 1, "human_score", reason))
    if faults:
        raise DatasetError(faults)
    return columns


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    record: Record
    columns: Mapping[str, str]
    marks: MarkRange | None

    def answer(self) -> MarkedAnswer:
        if self.columns["answer"] not in self.record.cells:
            self.refuse("answer", "is missing")
        question = self.cell("question").strip()
        question_id = self.cell("question_id") or question
        if not question_id:
            self.refuse("question_id", "is empty, and so is the question")
        references = tuple(part.strip() for part in self.cell("reference").split(BETWEEN_REFERENCES.strip()))
        marks = self.own_marks()
        second = self.cell("human_score_2").strip()
        return MarkedAnswer(
            line=self.record.line,
            question_id=question_id,
            question=question,
            references=tuple(part for part in references if part),
            answer=self.cell("answer"),
            human=self.mark("human_score", marks),
            human_2=self.mark("human_score_2", marks) if second else None,
            group=self.cell("group") or None,
        )

    def cell(self, column: str) -> str:
        name = self.columns.get(column)
        return "" if name is None else self.record.cells.get(name, "")

    def own_marks(self) -> MarkRange:
        if self.marks is not None:
            return self.marks
        if "max_score" not in self.columns:
            return MarkRange()
        highest = self.number("max_score")
        if highest <= 0:
            self.refuse("max_score", f"must be above 0, is {highest:g}")
        return MarkRange(0.0, highest)

    def mark(self, column: str, marks: MarkRange) -> float:
        """A mark on the 0–1 scale."""
        given = self.number(column)
        if not marks.low <= given <= marks.high:
            hint = "" if self.marks else "; for other marks give --marks MIN:MAX, or a max_score column"
            self.refuse(column, f"{given:g} lies outside {marks}{hint}")
        return (given - marks.low) / (marks.high - marks.low)

    def number(self, column: str) -> float:
        cell = self.cell(column).strip()
        try:
            value = float(cell.replace("_", "?"))  # float() would read 1_0 as ten
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.refuse(column, f"{cell!r} is no number" if cell else "is empty: a number is wanted")
        return value

    def refuse(self, column: str, reason: str) -> NoReturn:
        name = self.columns.get(column, column)
        raise DatasetError([Fault(str(self.path), self.record.line, name, reason)])


def _two_texts(path: Path, answers: Sequence[MarkedAnswer], columns: Mapping[str, str]) -> Iterator[Fault]:
    """A fault for each question id at its first row with another text than before."""
    first: dict[str, MarkedAnswer] = {}
    told = set[str]()
    for answer in answers:
        known = first.setdefault(answer.question_id, answer)
        if answer.question != known.question and answer.question_id not in told:
            told.add(answer.question_id)
            reason = f"question id {answer.question_id!r} has another text here than on line {known.line}"
            yield Fault(str(path), answer.line, columns["question"], reason)
