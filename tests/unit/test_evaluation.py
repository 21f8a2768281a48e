"""A marked file graded, compared and told: from rows to figures, tables and the report."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from fakes import DROPOUT, DROPOUT_BANK

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.errors import DatasetError
from grader.evaluation import baselines
from grader.evaluation.bootstrap import Resamples, intervals
from grader.evaluation.datasets import MarkedAnswer
from grader.evaluation.evaluation import Evaluation, Plan, evaluate
from grader.evaluation.graded import GradedAnswer, complete, grade_marked, with_references
from grader.evaluation.metrics import Ints
from grader.evaluation.report import render_report
from grader.evaluation.review import review_curve
from grader.grading import Grader
from grader.request import GradeRequest

LIBRARY = Library([DROPOUT_BANK])
PLAN = Plan(0.6, Resamples(100, 1), show_answers=True, receipt={"encoder": "hashing"})
BECAUSE = ("Air scatters blue light more than red.", "Short waves of light are scattered most.")


def marked(answer: str, human: float = 1.0, **changes: object) -> MarkedAnswer:
    plain = MarkedAnswer(2, "sky", "Why is the sky blue?", BECAUSE, answer, human, None, None)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def ignore(_done: int) -> None: ...


def graded(rows: list[MarkedAnswer]) -> tuple[GradedAnswer, ...]:
    return grade_marked(complete(Path("marks.csv"), rows, LIBRARY), Grader(LIBRARY, HashingEncoder()), ignore)


def many() -> list[MarkedAnswer]:
    """Eight questions of four answers, some of a bank, right and wrong, of two groups, a third marked twice."""
    said = (BECAUSE[0], "Light.", "Because the sea is blue & <b>mirrors</b> itself.", "Air scatters blue light.")
    rows = []
    for question in range(8):
        for place, (answer, human) in enumerate(zip(said, (1.0, 0.0, 1.0, 0.5), strict=True)):
            second = human if question % 3 == 0 else None
            row = marked(
                answer, human, line=len(rows) + 2, question_id=f"sky{question}", human_2=second, group="ab"[place % 2]
            )
            rows.append(row)
    return rows


@pytest.fixture(scope="module")
def found() -> Evaluation:
    rows = [*many(), marked("x", line=99, question_id="void", references=("...",))]
    answers = graded(rows)
    return evaluate("marks.csv", answers, {"length": baselines.length(rows)}, PLAN)


def test_rows_without_a_reference_are_graded_by_the_bank() -> None:
    (one,) = graded([marked(DROPOUT.exemplars[0].answer, question_id="tiny-1", question="", references=())])
    grader = Grader(LIBRARY, HashingEncoder())
    by_bank = grader.grade(GradeRequest(answer=one.marked.answer, question_id="tiny-1"))
    assert (one.score, one.marked.question) == (by_bank.score, DROPOUT.question)
    (completed,) = with_references([one.marked], LIBRARY)
    assert completed.references == DROPOUT.references


def test_rows_that_bring_references_are_graded_by_those() -> None:
    by_file, by_bank = graded(
        [
            marked(BECAUSE[0], question_id="tiny-1"),
            marked(BECAUSE[0], question_id="tiny-2", question="", references=()),
        ]
    )
    assert by_file.score == 1.0
    assert by_bank.score == 0.0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"references": ()},
            "marks.csv:2: reference: is empty, and no bank at hand holds the question: unknown question",
        ),
        ({"question": ""}, "marks.csv:2: reference: stands without a question"),
    ],
)
def test_a_row_that_no_one_can_grade_is_told_with_its_line(changes: dict[str, object], told: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(told)):
        complete(Path("marks.csv"), [marked("a", **changes)], LIBRARY)


def test_ungradable_rows_are_named_and_in_no_figure(found: Evaluation) -> None:
    assert [(one.line, one.question_id) for one in found.ungraded] == [(99, "void")]
    assert "no reference has a word in it" in found.ungraded[0].reason
    assert (found.rows, found.grader.answers, found.grader.questions) == (33, 32, 8)


def test_a_question_of_too_many_references_is_ungraded_not_fatal() -> None:
    (one,) = graded([marked("a", references=tuple(f"It is {number}." for number in range(60)))])
    assert one.score is None
    assert one.error is not None
    assert one.error.startswith("question: references: ")


def test_nothing_graded_is_an_error() -> None:
    with pytest.raises(DatasetError, match="not graded"):
        evaluate("marks.csv", graded([marked("x", references=("...",))]), {}, PLAN)


def test_progress_counts_every_row() -> None:
    done: list[int] = []
    grade_marked([marked(str(number)) for number in range(300)], Grader(LIBRARY, HashingEncoder()), done.append)
    assert (sum(done), len(done)) == (300, 2)


def test_people_are_compared_on_the_rows_that_both_marked(found: Evaluation) -> None:
    assert found.people is not None
    assert found.grader_beside_people is not None
    assert found.people.answers == found.grader_beside_people.answers == 12
    assert found.people.estimates["pearson"].value == pytest.approx(1)
    assert found.people.estimates["rmse"].value == 0


def test_parts_hold_every_answer_once(found: Evaluation) -> None:
    assert [part.name for part in found.groups] == ["a", "b"]
    for parts in (found.groups, found.lengths, found.questions, found.calibration):
        assert sum(part.answers for part in parts) == 32
    assert sum(map(sum, found.spread.counts)) == 32


def test_the_largest_disagreement_comes_first(found: Evaluation) -> None:
    gaps = [abs(one.human - one.score) for one in found.disagreements]
    assert gaps == sorted(gaps, reverse=True)
    assert len(gaps) == 20


def test_everything_is_json_without_nan(found: Evaluation) -> None:
    told = json.loads(json.dumps(dataclasses.asdict(found), allow_nan=False))
    assert told["grader"]["estimates"]["pearson"]["value"] == found.grader.estimates["pearson"].value


def test_intervals_are_wider_when_whole_questions_differ() -> None:
    """The same 200 values, once alike inside each of 10 questions and once mixed: only the first are clustered."""
    values = np.repeat(np.arange(10) / 10, 20)
    mixed = np.tile(np.arange(10) / 10, 20)
    questions = np.repeat(np.arange(10), 20)

    def width(of: np.ndarray) -> float:
        def mean(rows: Ints, _times: Ints) -> dict[str, float]:
            return {"mean": float(of[rows].mean())}

        estimate = intervals(mean, questions, Resamples(300, 5))["mean"]
        assert estimate.low is not None
        assert estimate.high is not None
        return estimate.high - estimate.low

    assert width(mixed) < 1e-9
    assert 0.2 < width(values) < 0.5  # ±1.96 standard errors of a mean of 10 spread by 0.287: 0.36


def test_few_questions_have_no_interval() -> None:
    answers = graded([row for row in many() if row.question_id < "sky4"])
    estimates = evaluate("marks.csv", answers, {}, PLAN).grader.estimates
    assert all(one.low is None and one.high is None for one in estimates.values())


def test_doubt_that_knows_the_error_is_ideal_and_doubt_that_knows_nothing_gains_nothing() -> None:
    chance = np.random.default_rng(4)
    human, score = chance.random(4000), chance.random(4000)
    gap = np.abs(score - human)

    def curve(doubt: np.ndarray) -> float:
        some = [
            GradedAnswer(
                marked(str(place)), float(score[place]), 0.0, float(width), needs_review=False, flags=(), error=None
            )
            for place, width in enumerate(doubt)
        ]
        found = review_curve(human, score, some)
        assert found.ideal[0] == found.by_doubt[0] == found.random[0] == pytest.approx(float(np.sqrt((gap**2).mean())))
        assert found.gain is not None
        return found.gain

    assert curve(gap) == pytest.approx(1)
    assert abs(curve(chance.random(4000))) < 0.1
    assert curve(1 - gap) < -0.3


def test_answers_marked_for_review_are_sent_first() -> None:
    rows = [
        GradedAnswer(marked("a"), 0.0, 0.0, 0.1, needs_review=True, flags=(), error=None),
        *(GradedAnswer(marked(str(n)), 1.0, 0.0, 1.0, needs_review=False, flags=(), error=None) for n in range(19)),
    ]
    curve = review_curve(np.ones(20), np.array([one.score for one in rows], dtype=float), rows)
    assert curve.by_doubt[1] == 0


def test_baselines_are_one_for_the_reference_itself_and_least_for_nothing_in_common() -> None:
    rows = [marked(BECAUSE[1]), marked("Quite unlike, entirely."), marked("Air scatters a lot of it.")]
    encoder = HashingEncoder()
    for scores in (baselines.cosine(rows, encoder, ignore), baselines.tfidf(rows), baselines.token_f1(rows)):
        assert scores[0] == pytest.approx(1, abs=1e-5)
        assert scores[1] < scores[2] < scores[0]
    assert baselines.token_f1([marked("blue light blue")]) == pytest.approx(2 * 2 / (3 + 7))
    assert baselines.length(rows).tolist() == [1.0, 0.0, 0.5]


class _Links(HTMLParser):
    """Whatever a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag in {"script", "link", "iframe", "img", "object", "embed"}:
            self.found.append(tag)
        self.found += [
            value for name in ("src", "href", "xlink:href") if (value := given.get(name)) and not value.startswith("#")
        ]


def test_the_report_stands_by_itself_and_escapes_what_was_written(found: Evaluation) -> None:
    page = render_report(found)
    links = _Links()
    links.feed(page)
    assert links.found == []
    assert len(links.ids) == len(set(links.ids))
    assert not re.search(r"url\((?!#)|@import", page)
    assert page.count('<svg role="img" aria-label=') == 4
    assert "<b>mirrors</b>" not in page
    assert "&lt;b&gt;mirrors&lt;/b&gt;" in page
    assert "line 99, void: " in page
    assert render_report(found) == page


def test_without_answers_none_is_in_the_report(found: Evaluation) -> None:
    answers = graded(many())
    hidden = evaluate("marks.csv", answers, {}, dataclasses.replace(PLAN, show_answers=False))
    assert "mirrors" not in render_report(hidden)
    assert "mirrors" not in json.dumps(dataclasses.asdict(hidden))
    assert "mirrors" in render_report(found)


def test_a_report_of_one_question_with_one_mark_is_drawn() -> None:
    assert "<svg" in render_report(evaluate("marks.csv", graded([marked("Light."), marked("Air.")]), {}, PLAN))
