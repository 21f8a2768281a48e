"""`grader audit` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run_grader

BANK = """
bank: tiny
title: A tiny bank
questions:
  - id: tiny-1
    question: What is dropout?
    references: [Dropout deactivates random neurons during training. It reduces overfitting.]
    criteria:
      - id: deactivates
        statement: Dropout deactivates random neurons.
        keywords: [[deactivate, "switch off"]]
  - id: tiny-2
    question: What is the cost function?
    references: [It measures how far predictions are from the truth.]
    criteria:
      - id: measures
        statement: The cost function measures the error of predictions.
        keywords: [[measure, tell], [far, error, wrong]]
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(BANK, encoding="utf-8")
    return path


@pytest.mark.model
def test_an_audit_is_told_and_strict_fails_where_too_much_is_accepted(bank: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    done = run_grader("audit", "tiny", "--banks", str(bank), "--strict", "--max-accepted", "1", GRADER_CACHE_DIR=cache)
    assert done.returncode == 0, done.stderr
    assert "tiny: 2 questions, seed 0" in done.stdout
    for told in ("repeated question", "keywords appended", "retracted", "right answers", "references", "No attack is"):
        assert told in done.stdout
    assert done.stderr == ""
    # with a pass mark of 0 every attack passes
    free = run_grader(
        "audit", "tiny", "--banks", str(bank), "--threshold", "0", "--strict", "--json", GRADER_CACHE_DIR=cache
    )
    assert free.returncode == 1
    found = json.loads(free.stdout)
    assert {one["share"] for one in found["outcomes"] if one["aim"] != "gain"} == {1.0}
    assert found["refused"] == []
    first = found["accepted"][0]
    assert (first["question_id"], first["attack"], first["answer"]) == (
        "tiny-1",
        "repeated question",
        "What is dropout?",
    )


def test_an_unknown_bank_is_told() -> None:
    done = run_grader("audit", "ds24")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: unknown bank 'ds24'; nearest: ds25" in done.stderr
