"""GIFT: what a file becomes, and what is told of one that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import DROPOUT_BANK

from grader.bank.exchange.exchanged import Exchanged
from grader.bank.exchange.gift_reader import read_gift
from grader.bank.exchange.gift_writer import write_gift
from grader.errors import BankError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cells.gift"


def gift(file: Path, text: str) -> Exchanged:
    file.write_text(text, encoding="utf-8")
    return read_gift(file)


@pytest.mark.parametrize(
    ("text", "question", "references"),
    [
        ("What is a cell?{####The unit of life.}", "What is a cell?", ["The unit of life."]),
        ("::A name::What?{####It.}", "What?", ["It."]),
        ("::only begun What?{####It.}", "::only begun What?", ["It."]),
        ("Two plus two equals {=four =4}.", "Two plus two equals _____.", ["four", "4"]),
        ("Who?{=one#well done! =%100%two =%50%half =%-50%bad =}", "Who?", ["one", "two"]),
        ("Who?{no one}", "Who?", ["no one"]),
        ("Who?{=one####Told afterwards.}", "Who?", ["one"]),
        (r"Is \{a\: b\}\n\=\~\#\\n a\b?{=\=\~}", "Is {a: b}\n=~#\\n a\\b?", ["=~"]),
        ("[html]<p>What is <b>x</b>?</p>{####<ul><li>a</li></ul>}", "What is x?", ["- a"]),
        ("[plain]Is <b> bold?{####[html]<i>Yes</i>}", "Is <b> bold?", ["Yes"]),
        ("[markdown]Is **b** bold?{####Yes}", "Is **b** bold?", ["Yes"]),
        ("[nonsense] stays?{####Yes}", "[nonsense] stays?", ["Yes"]),
        ("Is <p>this</p> here?{####Yes}", "Is\n\nthis\n\nhere?", ["Yes"]),
        ("What?{####one\\n---\\ntwo\\n----\\n}", "What?", ["one", "two\n---"]),
        ("Lines\ngo on{\n=one\n=two\n}", "Lines\ngo on", ["one", "two"]),
        ("// a comment\nWhat?\n// another\n{####It.}", "What?", ["It."]),
        ("Odd # and : and = signs ~ outside?{####It.}", "Odd # and : and = signs ~ outside?", ["It."]),
    ],
)
def test_questions_in_free_text_are_read(file: Path, text: str, question: str, references: list[str]) -> None:
    (read,) = gift(file, text).bank.questions
    assert (read.question, list(read.references), read.max_points) == (question, references, 1)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_divide_questions_whatever_the_line_ends(file: Path, end: str) -> None:
    text = "\ufeffOne?{####1}\n\n \n// c\nTwo?{####2}\n".replace("\n", end)
    file.write_bytes(text.encode())
    assert [question.question for question in read_gift(file).bank.questions] == ["One?", "Two?"]


def test_ids_tags_and_categories_are_taken_up(file: Path) -> None:
    text = (
        "$CATEGORY: $course$/top/Cell biology\n\n// [id:c\\]1] [tag:nuclei]\nOne?{####1}\n\n"
        "$CATEGORY: top/Plants\n\nTwo?{####2}"
    )
    bank = gift(file, text).bank
    assert (bank.bank, bank.title) == ("cells", "Cell biology")
    assert [(one.id, one.topic) for one in bank.questions] == [("c-1", "nuclei"), ("cells-2", "Plants")]


def test_moodles_own_category_names_say_nothing(file: Path) -> None:
    assert gift(file, "$CATEGORY: $course$/top/Default for C1\n\nOne?{####1}").bank.title == "cells"


def test_other_types_of_question_are_counted_and_named_with_their_line(file: Path) -> None:
    blocks = [
        "Ok?{####1}",
        "Who?{~a =b}",
        "So{T}",
        "So{FALSE#no}",
        "N{#3:1}",
        "M{=a->b =c->d}",
        "Text.",
        "E{}",
        "S{=%50%a}",
    ]
    assert list(map(str, gift(file, "\n\n".join(blocks)).skipped)) == [
        "line 3: multichoice: is not answered in free text",
        "line 5: truefalse: is not answered in free text",
        "line 7: truefalse: is not answered in free text",
        "line 9: numerical: is not answered in free text",
        "line 11: matching: is not answered in free text",
        "line 13: description: is not answered in free text",
        "line 15: essay: has no general feedback, so there is no reference",
        "line 17: shortanswer: has no answer worth all points, so there is no reference",
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ": the file is empty"),
        (b"One?{####1}\n\nTwo?{=a", ":3: has a brace without its other half"),
        (b"One?=a}", ":1: has a brace without its other half"),
        (b"a } b { c", ":1: has a brace without its other half"),
        (b"caf\xe9{}", ":1: not UTF-8 at byte 3"),
        (b"\x1f\x8b\x08", ": is a gzip archive"),
        (b"%PDF-1.7", ": is a PDF document"),
        (b"Who?{~a =b}", ": holds no question that can be graded; left behind: 1 multichoice"),
        (b"// answer-grader: {\nOne?{####1}", ":2: Expecting property name"),
        (b'// answer-grader: {"max_points": 0}\nOne?{####1}', ":2: questions[0].max_points: must be > 0"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(file: Path, data: bytes, told: str) -> None:
    file.write_bytes(data)
    with pytest.raises(BankError) as refused:
        read_gift(file)
    assert str(refused.value).startswith(f"{file}{told}")
    assert "\n" not in str(refused.value)


def test_a_bank_is_written_as_moodle_writes_essays() -> None:
    lines = write_gift(DROPOUT_BANK).splitlines()
    reference = "Dropout deactivates random neurons during training. It reduces overfitting."
    assert lines[1] == "$CATEGORY: $course$/top/A tiny bank"
    assert lines[3:5] == ["// [id:tiny-1]", '// answer-grader: {"max_points": 10.0}']
    assert lines[5] == f"::tiny-1 What is dropout?::[plain]What is dropout?{{####[plain]{reference}}}"
