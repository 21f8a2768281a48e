"""What can be found wrong with a bank by reading it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.bank.finding import Finding, located
from grader.bank.lint import lint_bank
from grader.bank.loader import document_lines, load_bank
from grader.bank.question import Bank, Criterion, Exemplar, Misconception, Question
from grader.grade import Verdict


def criterion(name: str = "scales", **fields: Any) -> Criterion:
    return Criterion(**{"id": name, "statement": "It scales what passes.", "keywords": (("scale",),), **fields})


def exemplar(score: float, answer: str = "It scales.", **fields: Any) -> Exemplar:
    return Exemplar(**{"kind": "half", "score": score, "answer": answer, **fields})


def question(name: str = "gate-1", **fields: Any) -> Question:
    return Question(
        **{
            "id": name,
            "question": "What does a gate do?",
            "references": ("It scales what passes.",),
            "criteria": (criterion(),),
            **fields,
        }
    )


def found(*questions: Question) -> list[tuple[str, str]]:
    bank = Bank(bank="gates", title="Gates", questions=questions)
    return [(named(finding), finding.reason) for finding in lint_bank(bank)]


def named(finding: Finding) -> str:
    return f"{finding.path} ({finding.question})" if finding.question else finding.path


def test_a_sound_bank_has_no_findings() -> None:
    sound = question(
        misconceptions=(Misconception(id="adds", statement="It adds.", keywords=(("add",),)),),
        exemplars=(
            exemplar(1.0, kind="terse", verdicts={"scales": Verdict.MET}),
            exemplar(0.0, kind="misconception", claims=("adds",)),
        ),
    )
    assert found(sound, question("gate-2", question="Why are weights decayed?")) == []


def test_a_statement_of_several_claims_is_found_unless_they_are_listed() -> None:
    joined = Misconception(id="adds", statement="It adds; it sums, or it counts.", keywords=(("add",),))
    listed = joined.model_copy(update={"said_as": ("It adds.", "It sums.", "It counts.")})
    ((path, reason),) = found(question(misconceptions=(joined,)))
    assert path == "questions[0].misconceptions[0].statement (gate-1)"
    assert reason == "holds several claims, and a judge reads one at a time"
    assert found(question(misconceptions=(listed,))) == []


def test_single_claims_that_a_statement_says_already_are_found() -> None:
    wrong = Misconception(id="adds", statement="It adds.", said_as=("It sums.", "It scales."), keywords=(("add",),))
    criterion = question().criteria[0].model_copy(update={"statement": "It scales.", "said_as": ("It sums.",)})
    findings = found(question(criteria=(criterion,), misconceptions=(wrong,)))
    assert [path for path, _ in findings] == [
        "questions[0].misconceptions[0].said_as[0] (gate-1)",
        "questions[0].misconceptions[0].said_as[1] (gate-1)",
    ]
    assert findings[0][1] == "scales says it already"


def test_questions_that_ask_the_same_are_found() -> None:
    again = question("gate-2", question="What do gates do?")
    assert found(question(), again) == [("questions[1].question (gate-2)", "asks the same as gate-1")]


def test_a_question_without_criteria_is_found() -> None:
    ((path, reason),) = found(question(criteria=()))
    assert path == "questions[0].criteria (gate-1)"
    assert "drafted from the references" in reason


def test_a_criterion_without_keywords_is_found() -> None:
    bare = question(criteria=(criterion(), criterion("opens", keywords=())))
    assert found(bare) == [("questions[0].criteria[1].keywords (gate-1)", "there are none")]


@pytest.mark.parametrize("keyword", ["gates", "gat*"])
def test_keywords_that_the_question_itself_says_are_found(keyword: str) -> None:
    ((path, reason),) = found(question(criteria=(criterion(keywords=((keyword, "door"),)),)))
    assert path == "questions[0].criteria[0].keywords (gate-1)"
    assert "stands in the question itself" in reason


def test_one_group_that_only_an_answer_says_is_enough() -> None:
    assert found(question(criteria=(criterion(keywords=(("gate",), ("scale",))),))) == []


def test_a_misconception_without_keywords_is_found() -> None:
    wrong = (Misconception(id="adds", statement="It adds."),)
    assert found(question(misconceptions=wrong)) == [
        ("questions[0].misconceptions[0].keywords (gate-1)", "there are none")
    ]


@pytest.mark.parametrize("pattern", [r"/- ?(lr|η)\b/", r"/η\b/", r"/\bη/", r"/\b(eta|η|(α|a))/", r"/\b(η|lr) x/"])
def test_a_boundary_beside_a_letter_that_it_does_not_know_is_found(pattern: str) -> None:
    ((path, reason),) = found(question(criteria=(criterion(keywords=(("scale",), ("lr", pattern))),)))
    assert path == "questions[0].criteria[0].keywords[1][1] (gate-1)"
    assert reason == "\\b knows ASCII letters only, so it finds no word's end beside η"
    wrong = Misconception(id="adds", statement="It adds.", keywords=((pattern,),))
    ((path, _),) = found(question(misconceptions=(wrong,)))
    assert path == "questions[0].misconceptions[0].keywords[0][0] (gate-1)"


@pytest.mark.parametrize("pattern", [r"/- ?(lr\b|η)/", r"/η x\b/", r"/(η x|lr)\b/", r"/\b(lr|eta) η/", "/η/"])
def test_a_boundary_beside_letters_that_it_knows_is_sound(pattern: str) -> None:
    assert found(question(criteria=(criterion(keywords=((pattern,),)),))) == []


def test_a_weight_that_changes_no_grade_is_found() -> None:
    light = question(criteria=(criterion(weight=99), criterion("opens", weight=1)))
    assert found(light) == [("questions[0].criteria[1].weight (gate-1)", "1 of 100 changes no grade")]


def test_a_long_exemplar_called_terse_is_found() -> None:
    long = exemplar(0.0, "It opens and " * 5, kind="terse")
    assert found(question(exemplars=(long,))) == [
        ("questions[0].exemplars[0].answer (gate-1)", "terse, but over 12 words")
    ]


def test_a_misconception_exemplar_that_claims_none_is_found() -> None:
    assert found(question(exemplars=(exemplar(0.0, kind="misconception"),))) == [
        ("questions[0].exemplars[0].claims (gate-1)", "names no misconception")
    ]


@pytest.mark.parametrize(
    ("verdict", "score"),
    [(Verdict.MET, 0.7), (Verdict.PARTIAL, 0.9), (Verdict.MISSING, 0.3), (Verdict.CONTRADICTED, 1.0)],
)
def test_a_score_that_its_verdicts_do_not_give_is_found(verdict: Verdict, score: float) -> None:
    ((path, reason),) = found(question(exemplars=(exemplar(score, verdicts={"scales": verdict}),)))
    assert path == "questions[0].exemplars[0].score (gate-1)"
    assert reason.startswith(f"{score:g}, but its verdicts give ")


@pytest.mark.parametrize(
    ("verdicts", "score"),
    [
        ({"a": Verdict.MET, "b": Verdict.MET}, 1.0),
        ({"a": Verdict.MET}, 0.75),
        ({"a": Verdict.PARTIAL}, 0.375),
        ({}, 0.0),
    ],
)
def test_a_score_that_its_weighted_verdicts_give_is_sound(verdicts: dict[str, Verdict], score: float) -> None:
    weighted = (criterion("a", weight=3), criterion("b", weight=1))
    assert found(question(criteria=weighted, exemplars=(exemplar(score, verdicts=verdicts),))) == []


def test_of_a_pool_only_as_many_verdicts_count_as_are_wanted() -> None:
    pool = tuple(criterion(name, elective=True) for name in "abcd")
    two = exemplar(1.0, verdicts={"b": Verdict.MET, "d": Verdict.MET})
    assert found(question(criteria=pool, at_least=2, exemplars=(two,))) == []


def test_the_score_of_a_claimed_misconception_is_not_compared_with_verdicts() -> None:
    wrong = (Misconception(id="adds", statement="It adds.", keywords=(("add",),)),)
    claimed = exemplar(0.0, verdicts={"scales": Verdict.MET}, claims=("adds",))
    assert found(question(misconceptions=wrong, exemplars=(claimed,))) == []


def _graded(scores_by_length: list[tuple[int, float]]) -> Question:
    verdict = {1.0: Verdict.MET, 0.5: Verdict.PARTIAL, 0.0: Verdict.MISSING}
    return question(
        exemplars=tuple(
            exemplar(score, "word " * length, verdicts={"scales": verdict[score]}) for length, score in scores_by_length
        )
    )


def test_length_that_betrays_the_score_is_found() -> None:
    ((path, reason),) = found(_graded([(10 + 10 * (i % 3), (i % 3) / 2) for i in range(24)]))
    assert path == "questions"
    assert reason == "the length of exemplars betrays their score (r = 1.00)"


@pytest.mark.parametrize(
    "exemplars",
    [
        pytest.param([(10 + i % 2, float(i // 2 % 2)) for i in range(24)], id="unrelated"),
        pytest.param([(10, float(i % 2)) for i in range(24)], id="one length"),
        pytest.param([(10 + i, 1.0) for i in range(24)], id="one score"),
        pytest.param([(10 * (i + 1), i / 2) for i in range(3)], id="few"),
    ],
)
def test_length_that_says_nothing_of_the_score_is_sound(exemplars: list[tuple[int, float]]) -> None:
    assert found(_graded(exemplars)) == []


def test_a_light_criterion_beside_a_large_pool_of_electives_counts_by_what_is_wanted() -> None:
    pool = tuple(criterion(name, elective=True, weight=10) for name in "abcdefgh")
    assert found(question(criteria=(*pool, criterion(weight=2)), at_least=1)) == []
    reasons = [reason for _, reason in found(question(criteria=(*pool, criterion(weight=0.2)), at_least=1))]
    assert reasons == ["0.2 of 10.2 changes no grade"]


def test_electives_that_change_no_grade_are_found() -> None:
    pool = (criterion("a", elective=True, weight=1), criterion("b", elective=True, weight=1))
    paths = [path for path, _ in found(question(criteria=(*pool, criterion(weight=90)), at_least=1))]
    assert paths == ["questions[0].criteria[0].weight (gate-1)", "questions[0].criteria[1].weight (gate-1)"]


def test_a_bank_in_a_language_that_is_not_read_is_found() -> None:
    bank = Bank(bank="gates", title="Gates", language="de", questions=(question(),))
    ((path, reason),) = [(finding.path, finding.reason) for finding in lint_bank(bank)]
    assert path == "language"
    assert "only English is read" in reason


def test_a_finding_says_where_what_and_how_to_mend_it() -> None:
    finding = Finding("gates", ("questions", 0, "criteria", 2), "is dull", "brighten it", "gate-1")
    assert str(finding) == "gates: questions[0].criteria[2] (gate-1): is dull (brighten it)"
    (placed,) = located([finding], "gates.yaml", {(): 1, ("questions", 0): 4, ("questions", 0, "criteria", 2): 9})
    assert str(placed) == "gates.yaml:9: questions[0].criteria[2] (gate-1): is dull (brighten it)"
    assert placed.as_row()["line"] == 9


DOCUMENT = """\
bank: gates
title: Gates
language: de
questions:
  - id: gate-1
    question: What does a gate do?
    references: [It scales.]
  - id: gate-2
    question: >-
      What do
      gates do?
    references: [It scales.]
    criteria:
      - id: scales
        statement: It scales.
      - {id: told, statement: It gates., weight: 0.01,
         keywords: [[gate]]}
    misconceptions:
      - id: adds
        statement: It adds.
    exemplars:
      - kind: terse
        score: 1.0
        answer: >-
          one two three four five six seven
          eight nine ten eleven twelve thirteen
      - {kind: misconception, score: 0.0, answer: It adds.}
"""


def test_every_finding_has_the_line_of_what_is_to_be_mended(tmp_path: Path) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    findings = located(lint_bank(load_bank(path)), str(path), document_lines(path))
    assert {(finding.line, finding.path) for finding in findings} == {
        (3, "language"),
        (5, "questions[0].criteria"),  # not written out: the line of its question
        (9, "questions[1].question"),
        (14, "questions[1].criteria[0].keywords"),
        (17, "questions[1].criteria[1].keywords"),
        (16, "questions[1].criteria[1].weight"),
        (19, "questions[1].misconceptions[0].keywords"),
        (24, "questions[1].exemplars[0].answer"),
        (23, "questions[1].exemplars[0].score"),
        (27, "questions[1].exemplars[1].claims"),
    }
    assert all(str(finding).startswith(f"{path}:{finding.line}: ") for finding in findings)


def test_questions_that_are_marked_for_review_are_counted() -> None:
    asked = ("Why swim?", "Where do trains stop?", "How do kites fly?", "Who sings?", "When is noon?", "What rusts?")
    marked = [question(f"gate-{i}", question=text, review=True) for i, text in enumerate(asked, start=1)]
    told = "are marked for review: gate-1, gate-2, gate-3, gate-4, gate-5, …"
    assert found(*marked) == [("questions", f"6 questions {told}")]
