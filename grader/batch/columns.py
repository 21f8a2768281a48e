"""The columns of tables of answers: those that are read, under all their names, and those that are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.batch.tables.row import Kind
from grader.errors import Fault, TableError

ALIASES: Mapping[str, tuple[str, ...]] = {
    "question_id": ("question_id",),
    "question": ("question",),
    "reference": ("reference", "references", "reference_answer"),
    "answer": ("answer", "response", "submitted_answer", "student_answer"),
    "id": ("id", "submission_id"),
    "candidate_id": ("candidate_id",),
}
"""The names that each column may have, in any case, with spaces or underscores; its own goes before the others."""

KNOWN = frozenset(name for names in ALIASES.values() for name in names)

GRADED: Mapping[str, Kind] = {
    "score": "number",
    "points": "number",
    "max_points": "number",
    "passed": "truth",
    "label": "text",
    "needs_review": "truth",
    "flags": "texts",
    "missing": "texts",
    "feedback": "text",
    "remote_judge": "text",
    "error": "text",
}
"""What grading adds, in this order: `missing` are the ids of the criteria that the answer does not meet at all.

`remote_judge` is `judged` where a language model's verdicts count, why they do not where it was asked (`timed_out`, …),
and empty where it was not asked.
"""

_TOLD = 20  # columns that an error lists
_KEPT = "input_"  # in front of a column of the input that has the name of one of ours


def match_columns(present: Sequence[str], mapping: Mapping[str, str], source: str) -> dict[str, str]:
    """The file's own name for each of our columns that it has.

    Args:
        present: the file's columns.
        mapping: of ours to the file's, as given by the user; these go before all others.
        source: the file, for errors.

    Raises:
        TableError: a column that was named is not there, a needed one is missing, or two would serve for one.
    """
    faults = [
        Fault(source, 1, given, f"there is no such column; there are {', '.join(present)}")
        for given in mapping.values()
        if given not in present
    ]
    taken = set(mapping.values())
    columns = dict(mapping)
    for column, names in ALIASES.items():
        if column in mapping:
            continue
        found = [name for alias in names for name in present if _plain(name) == alias and name not in taken]
        if len(found) > 1 and _plain(found[0]) != column:
            told = f"{' and '.join(found)} could each be it; say which: --column {column}={found[0]}"
            faults.append(Fault(source, 1, column, told))
        if found:
            columns[column] = found[0]
    faults += _missing(columns, present, source)
    if faults:
        raise TableError(faults)
    return columns


def _missing(columns: Mapping[str, str], present: Sequence[str], source: str) -> list[Fault]:
    faults: list[Fault] = []
    there = ", ".join(present[:_TOLD]) + (", …" if len(present) > _TOLD else "") or "none"
    if "answer" not in columns:
        others = ", ".join(ALIASES["answer"][1:])
        told = f"there is no such column (or {others}), there are {there}; say which it is: --column answer=NAME"
        faults.append(Fault(source, 1, "answer", told))
    if "question_id" not in columns and not {"question", "reference"} <= set(columns):
        told = "there is no such column, nor question and reference; say which it is: --column question_id=NAME"
        faults.append(Fault(source, 1, "question_id", told))
    return faults


def carried_names(present: Sequence[str]) -> dict[str, str]:
    """The input's columns, each with the name that it has in the output.

    The columns of a table that we wrote give way to the new ones; others that have one of our names are kept under
    another.
    """
    ours = set(GRADED)
    if ours - {"remote_judge"} <= set(present):  # older tables of ours do not have it
        return {name: name for name in present if name not in ours}
    names: dict[str, str] = {}
    for name in present:
        new = name
        while new in ours or (new != name and new in present) or new in names.values():
            new = _KEPT + new
        names[name] = new
    return names


def _plain(name: str) -> str:
    return "_".join(name.casefold().split())
