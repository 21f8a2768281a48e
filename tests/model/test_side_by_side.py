"""Right answers that set two things side by side: their mirror images are misconceptions in the same words.

`side_by_side.jsonl` holds plain right answers to questions with a misconception that exchanges two things, most of them
in that misconception's own words. What tells an answer from its mirror image was made with them in view: they are
no clean test of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from grader.grading import Grader
from grader.request import GradeRequest

pytestmark = pytest.mark.model

ANSWERS = [
    GradeRequest(**json.loads(line))
    for line in (Path(__file__).parent / "side_by_side.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("which", ["judged_grader", "real_grader"])
def test_few_right_answers_are_taken_for_their_mirror_images(which: str, request: pytest.FixtureRequest) -> None:
    grader: Grader = request.getfixturevalue(which)
    graded = grader.grade_many(ANSWERS)
    accused = sum(bool(grade.misconceptions) for grade in graded)
    mean = np.mean([grade.score for grade in graded])
    print(
        f"\n{len(graded)} right answers that set two things side by side, {which}: mean {mean:.2f}, accused {accused}"
    )
    assert accused <= len(graded) / 5
    assert mean > 0.6
