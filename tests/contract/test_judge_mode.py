"""A language model as judge, as users of the command line meet it: an endpoint that they name in settings."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_endpoint import ChatEndpoint, answer_in, believer, completion, refused, serving
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
"""


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    with serving(ChatEndpoint(believer)) as served:
        yield served


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(BANK, encoding="utf-8")
    return path


@pytest.fixture
def setting(endpoint: ChatEndpoint, tmp_path: Path) -> dict[str, str]:
    return {
        "GRADER_JUDGE": "off",
        "GRADER_JUDGE_BASE_URL": endpoint.base_url,
        "GRADER_JUDGE_MODEL": "believer",
        "GRADER_JUDGE_API_KEY": "s3cret",
        "GRADER_CACHE_DIR": str(tmp_path / "cache"),
    }


@pytest.mark.model
def test_a_grade_tells_who_judged_it(endpoint: ChatEndpoint, setting: dict[str, str], bank: Path) -> None:
    answer = "Some of its cells rest."
    done = run_grader("grade", "tiny-1", answer, "--banks", str(bank), "--judge-mode", "always", "--json", **setting)
    assert done.returncode == 0, done.stderr
    graded = json.loads(done.stdout)
    assert graded["criteria"][0]["evidence"] == [{"start": 0, "end": 23, "text": answer, "signal": "judge"}]
    assert graded["receipt"]["remote_judge"].startswith("believer prompt-")
    assert (len(endpoint.asked), endpoint.keys) == (1, ["Bearer s3cret"])


@pytest.mark.model
def test_a_grade_that_the_model_did_not_judge_says_so(
    endpoint: ChatEndpoint, setting: dict[str, str], bank: Path
) -> None:
    endpoint.start_over(lambda _: completion("Sure! The answer is great: 10 of 10."))
    done = run_grader(
        "grade", "tiny-1", "Some of its cells rest.", "--banks", str(bank), GRADER_JUDGE_MODE="always", **setting
    )
    assert done.returncode == 0, done.stderr
    assert "gave no verdicts (malformed: " in done.stdout
    assert "this is the local grade" in " ".join(done.stdout.split())
    assert "✓ met" not in done.stdout


@pytest.mark.model
def test_an_evaluation_tells_both_grades(
    endpoint: ChatEndpoint, setting: dict[str, str], bank: Path, tmp_path: Path
) -> None:
    endpoint.start_over(lambda body: refused(400, "too long") if "optimizer" in answer_in(body) else believer(body))
    marks = tmp_path / "marks.csv"
    rows = [("Some of its cells rest.", "1"), ("A kind of optimizer.", "0"), ("It deactivates neurons.", "1")]
    with marks.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("question_id", "answer", "human_score"), *(("tiny-1", *row) for row in rows)])
    report = tmp_path / "report.html"
    done = run_grader(
        "evaluate", str(marks), "--banks", str(bank), "--resamples", "100", "--no-baselines", "--report", str(report),
        "--judge-mode", "always", GRADER_JUDGE_PRICE_READ="1", GRADER_JUDGE_PRICE_WRITTEN="10", **setting,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stdout.split())
    for told in ("with language model", "the language model judged 2 of 3 answers", "1 rejected", "cost 0.0004"):
        assert told in shown
    assert "with language model" in report.read_text(encoding="utf-8")


@pytest.mark.model
def test_an_audit_tells_what_gets_past_the_model_beside_what_gets_past_us(setting: dict[str, str], bank: Path) -> None:
    """A model that believes everything lets attacks through; the guards still cap what they see."""
    done = run_grader("audit", "tiny", "--banks", str(bank), "--judge-mode", "always", "--json", **setting)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    accepted, local = ({one["attack"]: one["share"] for one in part} for part in (found["outcomes"], found["local"]))
    assert accepted["negated"] == 1.0
    assert local["negated"] == 0.0
    assert accepted["gibberish"] == accepted["keyword list"] == accepted["said to be false"] == 0.0
    assert found["judging"]["outcomes"] == {"judged": found["judging"]["asked"]}
    assert found["receipt"]["judge_mode"] == "always"


@pytest.mark.model
def test_a_batch_asks_too(endpoint: ChatEndpoint, setting: dict[str, str], bank: Path, tmp_path: Path) -> None:
    table, output = tmp_path / "answers.csv", tmp_path / "graded.csv"
    table.write_text("question_id,answer\ntiny-1,Some of its cells rest.\n", encoding="utf-8")
    ask = ("batch", str(table), "-o", str(output), "--banks", str(bank), "--judge-mode", "always")
    done = run_grader(*ask, **setting)
    assert done.returncode == 0, done.stderr
    assert "the language model judged 1 of 1 answers" in done.stderr
    with output.open(encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["score"], row["remote_judge"], len(endpoint.asked)) == ("1.0", "judged", 1)


@pytest.mark.parametrize("verb", [("grade", "tiny-1", "It rests."), ("serve",), ("mcp",), ("chat", "tiny")])
def test_settings_that_cannot_be_are_told_before_a_model_is_loaded(
    verb: tuple[str, ...], tmp_path: Path, bank: Path
) -> None:
    setting = {"GRADER_JUDGE_BASE_URL": "", "GRADER_DATA_DIR": str(tmp_path), "GRADER_MODEL": "not a model"}
    done = run_grader(*verb, "--banks", str(bank), "--judge-mode", "review", **setting)
    assert (done.returncode, done.stdout) == (2, "")
    assert "GRADER_JUDGE_BASE_URL is not set" in done.stderr


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"GRADER_JUDGE_BASE_URL": ""}, "asks a language model, and GRADER_JUDGE_BASE_URL is not set"),
        ({"GRADER_JUDGE_MODEL": ""}, "asks a language model, and GRADER_JUDGE_MODEL is not set"),
        ({"GRADER_JUDGE_BASE_URL": "localhost:1/v1"}, "is no address of an endpoint"),
        ({"GRADER_JUDGE_API_KEY": "schlüssel"}, "a key is printable ASCII"),
        ({"GRADER_MAX_JUDGE_COST": "1"}, "no cost is known without prices"),
        ({"GRADER_JUDGE_PRICE_READ": "1"}, "go together"),
        ({"GRADER_JUDGE_MODE": "sometimes"}, "judge_mode: Input should be 'off', 'review' or 'always'"),
    ],
)
def test_settings_that_cannot_be_are_told(changed: dict[str, str], told: str, bank: Path) -> None:
    right = {
        "GRADER_JUDGE_MODE": "review",
        "GRADER_JUDGE_BASE_URL": "http://127.0.0.1:9/v1",
        "GRADER_JUDGE_MODEL": "m",
    }
    done = run_grader("grade", "tiny-1", "It rests.", "--banks", str(bank), **{**right, **changed})
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "schlüssel" not in done.stderr
