"""Whole grades of a small bank, kept as they should be: each case says why it is graded so.

The bank is `DROPOUT_BANK` of `fakes.py`, the encoder the hashing one, so nothing of a machine enters.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.grading import Grader
from grader.request import GradeRequest

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "grades.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_grade_is_as_it_was(dropout_grader: Grader, case: dict[str, Any]) -> None:
    grade = dropout_grader.grade(GradeRequest(question_id=case["question_id"], answer=case["answer"]))
    assert grade.feedback is not None
    found = {
        "why": case["why"],
        "question_id": grade.question_id,
        "answer": case["answer"],
        "score": grade.score,
        "points": grade.points,
        "label": grade.label,
        "verdicts": {criterion.id: criterion.verdict for criterion in grade.criteria},
        "misconceptions": [claimed.id for claimed in grade.misconceptions],
        "flags": [flag.flag for flag in grade.flags],
        "reasons": list(grade.reasons),
        "feedback": grade.feedback.candidate,
    }
    assert found == case
