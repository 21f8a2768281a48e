"""Scales: what they make of scores, of grades, and how they are fitted to marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import DROPOUT_BANK

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.errors import CalibrationError, ScaleMismatch
from grader.grade import Grade
from grader.grading import Grader
from grader.request import GradeRequest
from grader.scoring.scale import IDENTITY, KNEE, Scale, Scales, load_scales, text_key

MILDER = Scale(offset=0.3, slope=0.7)
HALF = "Dropout deactivates random neurons during training."
WRONG = "Dropout deactivates random neurons when the network is tested. It reduces overfitting."


def scales(models: dict[str, str], **given: dict[str, Scale]) -> Scales:
    return Scales(models=models, banks=given.get("banks", {}), questions=given.get("questions", {}))


def scaled(grader: Grader, **given: dict[str, Scale]) -> Grader:
    return Grader(Library([DROPOUT_BANK]), HashingEncoder(), scales=scales(grader.models.named, **given))


def ask(grader: Grader, answer: str, question_id: str = "tiny-1") -> Grade:
    return grader.grade(GradeRequest(question_id=question_id, answer=answer))


def test_a_line_holds_above_the_knee_and_what_earns_nothing_earns_nothing() -> None:
    assert MILDER.mark(0.5) == pytest.approx(0.65)
    assert MILDER.mark(KNEE) == pytest.approx(0.44)
    assert MILDER.mark(KNEE / 2) == pytest.approx(0.22)
    assert MILDER.mark(0) == 0
    assert Scale(offset=0.9, slope=1).mark(0.5) == 1
    assert Scale(offset=-0.9, slope=1).mark(0.5) == 0


def test_a_grade_moves_with_all_that_hangs_on_its_score(dropout_grader: Grader) -> None:
    plain, moved = ask(dropout_grader, HALF), ask(scaled(dropout_grader, questions={"tiny-1": MILDER}), HALF)
    assert plain.score is not None
    assert moved.score == pytest.approx(MILDER.mark(plain.score), abs=1e-4)
    assert (plain.points, moved.points) == (7.5, 8.0)
    assert plain.confidence is not None
    assert moved.confidence is not None
    assert moved.confidence.low - plain.confidence.low == pytest.approx(moved.score - plain.score, abs=2e-4)
    assert moved.criteria == plain.criteria


def test_a_scale_lifts_no_answer_above_what_a_misconception_or_a_guard_leaves(dropout_grader: Grader) -> None:
    generous = scaled(dropout_grader, questions={"tiny-1": Scale(offset=0.9, slope=0.5)})
    assert ask(generous, WRONG).score == 0.25
    assert ask(generous, "").score == 0


def test_a_question_without_a_scale_follows_its_bank_and_others_stay(dropout_grader: Grader) -> None:
    plain = ask(dropout_grader, HALF)
    of_bank = ask(scaled(dropout_grader, banks={"tiny": MILDER}), HALF)
    own = ask(scaled(dropout_grader, banks={"tiny": MILDER}, questions={"tiny-1": IDENTITY}), HALF)
    other = ask(scaled(dropout_grader, banks={"another": MILDER}), HALF)
    assert own.score == other.score == plain.score
    assert of_bank.score is not None
    assert plain.score is not None
    assert of_bank.score > plain.score


def test_a_question_of_no_bank_is_known_by_its_text(dropout_grader: Grader) -> None:
    request = GradeRequest(question=" What do leaves do? ", references=("Leaves make sugar.",), answer="They make it.")
    plain = dropout_grader.grade(request).score
    moved = scaled(dropout_grader, questions={text_key("What do leaves do?"): MILDER}).grade(request).score
    assert plain is not None
    assert moved == pytest.approx(MILDER.mark(plain), abs=1e-4)


def test_the_receipt_names_the_scale(dropout_grader: Grader) -> None:
    grader = scaled(dropout_grader)
    receipt = ask(grader, HALF).receipt
    assert receipt is not None
    assert receipt.scale == scales(dropout_grader.models.named).content_hash
    assert grader.models.named["scale"] == receipt.scale
    unscaled = ask(dropout_grader, HALF).receipt
    assert unscaled is not None
    assert unscaled.scale is None


@pytest.mark.parametrize("part", ["judge", "calibration", "encoder"])
def test_scales_of_other_models_are_refused(dropout_grader: Grader, part: str) -> None:
    other = dropout_grader.models.named | {part: "another-one"}
    with pytest.raises(ScaleMismatch, match=f"learnt on scores of {part} another-one, and this is {part}"):
        Grader(Library([DROPOUT_BANK]), HashingEncoder(), scales=scales(other))


def test_scales_of_the_same_networks_in_another_dtype_are_taken() -> None:
    learnt = scales({"encoder": "e-bf16", "judge": "j-bf16", "calibration": "c-1"})
    learnt.check({"encoder": "e-fp32", "judge": "j-fp32", "calibration": "c-1"})
    with pytest.raises(ScaleMismatch):
        learnt.check({"encoder": "e-bf16", "judge": "j-bf16", "calibration": "c-2"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not json", "is no scale that grader calibrate wrote: Invalid JSON"),
        (
            '{"models": {}, "banks": {}, "questions": {"q": {"offset": 0, "slope": 0}}}',
            r"questions\.q\.slope: Input sho",
        ),
        ('{"models": {}, "banks": {}, "questions": {"q": {"offset": NaN, "slope": 1}}}', r"questions\.q\.offset"),
        ('{"models": {}, "banks": {}}', "questions: Field required"),
    ],
)
def test_what_is_no_scale_is_refused_with_the_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "scale.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match=told):
        load_scales(path)


def test_a_scale_that_is_not_there_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"none\.json: No such file.*grader calibrate"):
        load_scales(tmp_path / "none.json")
