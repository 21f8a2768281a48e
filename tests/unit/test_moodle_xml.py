"""Moodle XML: what a file from Moodle becomes, and what is told of one that is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes import DROPOUT_BANK

from grader.bank.exchange.exchanged import Exchanged
from grader.bank.exchange.moodle_xml_reader import read_moodle_xml
from grader.bank.exchange.moodle_xml_writer import write_moodle_xml
from grader.bank.question import Bank
from grader.errors import BankError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "Cell Biology.xml"


def quiz(file: Path, *questions: str) -> Exchanged:
    """Each question begins on a line of its own, the first on line 2."""
    file.write_text("<quiz>\n" + "\n".join(questions) + "\n</quiz>", encoding="utf-8")
    return read_moodle_xml(file)


def essay(text: str = "What is a cell?", info: str = "The unit of life.", more: str = "", kind: str = "html") -> str:
    return (
        f'<question type="essay"><name><text>One</text></name><questiontext format="{kind}"><text><![CDATA[{text}]]>'
        f'</text></questiontext><graderinfo format="{kind}"><text><![CDATA[{info}]]></text></graderinfo>'
        f"{more}</question>"
    )


def short_answer(*answers: tuple[str, str]) -> str:
    told = "".join(f'<answer fraction="{fraction}"><text>{text}</text></answer>' for fraction, text in answers)
    return f'<question type="shortanswer"><questiontext><text>Capital?</text></questiontext>{told}</question>'


def category(path: str, more: str = "") -> str:
    return f'<question type="category"><category><text>{path}</text></category>{more}</question>'


def test_an_essay_is_a_question_and_its_grader_information_the_reference(file: Path) -> None:
    more = (
        "<defaultgrade>2.5000000</defaultgrade><idnumber>T &amp; F</idnumber><tags><tag><text>cells</text></tag></tags>"
    )
    (question,) = quiz(file, essay(more=more)).bank.questions
    assert (question.question, question.references) == ("What is a cell?", ("The unit of life.",))
    assert (question.max_points, question.id, question.topic) == (2.5, "t-f", "cells")


def test_what_is_left_out_has_moodles_defaults(file: Path) -> None:
    bank = quiz(file, essay(), essay()).bank
    assert (bank.bank, bank.title) == ("cell-biology", "Cell Biology")
    assert [(one.id, one.max_points) for one in bank.questions] == [("cell-biology-1", 1), ("cell-biology-2", 1)]


def test_html_becomes_text_that_can_be_read(file: Path) -> None:
    html = (
        "<p>What is a <strong>cell</strong> &amp;&nbsp;a <em>nucleus</em>?</p>"
        "<ul><li>one</li><li>x<sup>2</sup></li></ul>"
        '<p>See<br><img src="@@PLUGINFILE@@/cell.png" alt=""></p><pre>a * b_c</pre>'
    )
    (question,) = quiz(file, essay(html)).bank.questions
    assert question.question == (
        "What is a cell & a nucleus?\n\n- one\n- x^2\n\nSee\n[picture: cell.png]\n\n```\na * b_c\n```"
    )


def test_text_that_is_no_html_stays_as_it_is(file: Path) -> None:
    (question,) = quiz(file, essay("Is a < b & c > d in <T>?", "Yes, <T> is.", kind="plain_text")).bank.questions
    assert (question.question, question.references) == ("Is a < b & c > d in <T>?", ("Yes, <T> is.",))


def test_without_grader_information_the_general_feedback_is_the_reference(file: Path) -> None:
    feedback = "<generalfeedback><text>The unit of life, told afterwards.</text></generalfeedback>"
    (question,) = quiz(file, essay(info="", more=feedback)).bank.questions
    assert question.references == ("The unit of life, told afterwards.",)


def test_right_short_answers_are_references_but_for_patterns(file: Path) -> None:
    answers = (("100", "Paris"), ("100", "*paris*"), ("50", "Lyon"), ("100", r"2 \* 3"), ("0", "*"))
    (question,) = quiz(file, short_answer(*answers)).bank.questions
    assert question.references == ("Paris", "2 * 3")


def test_the_first_category_names_the_bank_and_others_are_topics(file: Path) -> None:
    questions = [category("$course$/top/Biology//Cells"), essay(), category("$course$/top/Biology/Plants"), essay()]
    bank = quiz(file, *questions).bank
    assert bank.title == "Biology/Cells"
    assert [question.topic for question in bank.questions] == [None, "Plants"]


def test_moodles_own_category_names_say_nothing(file: Path) -> None:
    assert quiz(file, category("$course$/top/Default for C1"), essay()).bank.title == "Cell Biology"


def test_what_no_bank_can_hold_is_counted_and_named_with_its_line(file: Path) -> None:
    exchanged = quiz(
        file,
        essay(),
        '<question type="multichoice"/>',
        essay(info=""),
        essay(text=" "),
        short_answer(("100", "*x*")),
        essay(more="<defaultgrade>0</defaultgrade>"),
    )
    assert list(map(str, exchanged.skipped)) == [
        "line 3: multichoice: is not answered in free text",
        "line 4: essay: has no grader information, so there is no reference",
        "line 5: essay: has no text",
        "line 6: shortanswer: has no right answer in plain words, so there is no reference",
        "line 7: essay: is worth no points",
    ]


def test_ids_that_are_missing_or_stand_twice_are_made(file: Path) -> None:
    numbers = ["a-1", "a-1", "", "Ärger!", "cell-biology-2", "-"]
    bank = quiz(file, *(essay(more=f"<idnumber>{number}</idnumber>") for number in numbers)).bank
    assert [question.id for question in bank.questions] == [
        "a-1", "cell-biology-2-b", "cell-biology-3", "arger", "cell-biology-2", "cell-biology-6"
    ]  # fmt: skip


def refusal(file: Path, document: str | bytes) -> str:
    file.write_bytes(document.encode() if isinstance(document, str) else document)
    with pytest.raises(BankError) as refused:
        read_moodle_xml(file)
    assert len(refused.value.faults) == 1
    return str(refused.value).removeprefix(str(file))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", ": the file is empty"),
        (" \n", ": the file is empty"),
        ("a cell", ":1: is no XML: Start tag expected"),
        ("<quiz>\n<question>", ":2: is no XML: "),
        ("<quiz>a&nbsp;b</quiz>", ":1: is no XML: Entity 'nbsp' not defined"),
        ('<?xml version="1.0" encoding="klingon"?><quiz/>', ":1: is no XML: Unsupported encoding"),
        ("<html/>", ":1: is XML, but not of Moodle's questions: <html> and not <quiz>"),
        ("<quiz/>", ": holds no question that can be graded"),
        (
            '<quiz><question type="cloze"/><question type="cloze"/><question/></quiz>',
            "; left behind: 2 cloze (is not answered in free text), 1 untyped (is not answered in free text)",
        ),
        (b"PK\x03\x04...", ": is a ZIP archive, such as an Office document or a Moodle backup, and no text"),
        (b"\xd0\xcf\x11\xe0...", ": is an old or an encrypted Office document, and no text"),
        (bytes(range(256)), ": is binary, and no text"),
        (f"<quiz>\n\n{essay(more='<defaultgrade>ten</defaultgrade>')}</quiz>", ":3: 'ten' is no number"),
        (f"<quiz>\n\n{essay(more='<defaultgrade>nan</defaultgrade>')}</quiz>", ":3: questions[0].max_points: "),
        (f"<quiz>\n{essay(more='<defaultgrade>99999</defaultgrade>')}</quiz>", "max_points: must be <= 10000"),
        (f"<quiz>\n{essay('x' * 20_001)}</quiz>", ":2: questions[0].question: "),
        (f"<quiz>\n{essay('<div>' * 5000 + 'x')}</quiz>", ":2: its HTML is nested too deeply"),
        (f"<quiz>\n{essay(info='<!-- answer-grader: [] -->')}</quiz>", ":2: is no JSON object"),
        (f"<quiz>\n{essay(info='<!-- answer-grader: {{ -->')}</quiz>", ":2: Expecting property name"),
        (
            '<quiz>\n<question type="essay"><questiontext><text><p>Q</p></text></questiontext></question></quiz>',
            ":2: <text> holds elements: put HTML in CDATA, or escape it",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(file: Path, document: str | bytes, told: str) -> None:
    text = refusal(file, document)
    assert told in text
    assert "\n" not in text


LOL = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 20}">' for i in range(10))


@pytest.mark.parametrize(
    "document",
    [
        f'<!DOCTYPE q [<!ENTITY a "lol">{LOL}]><quiz><question type="essay"><name>&k;</name></question></quiz>',
        f'<!DOCTYPE q [<!ENTITY a "lol">{LOL}]><quiz><question type="&k;"/></quiz>',
        '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/hostname">]><quiz><question type="essay">&x;</question></quiz>',
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/quiz.dtd"><quiz/>',
    ],
)
def test_entities_are_neither_unfolded_nor_fetched(file: Path, document: str) -> None:
    assert "document type" in refusal(file, document) or "amplification" in refusal(file, document)


def test_the_whole_bank_comes_back(file: Path) -> None:
    file.write_text(write_moodle_xml(DROPOUT_BANK), encoding="utf-8")
    assert read_moodle_xml(file) == Exchanged(DROPOUT_BANK)


@pytest.mark.parametrize("title", ["top", "Default for C1", "a/b//c", "/", "$course$", "x" * 999])
def test_a_bank_of_any_title_keeps_it(file: Path, title: str) -> None:
    bank = DROPOUT_BANK.model_copy(update={"title": title})
    file.write_text(write_moodle_xml(bank), encoding="utf-8")
    assert read_moodle_xml(file).bank == bank


def test_a_reference_that_was_edited_in_moodle_comes_back_edited(file: Path) -> None:
    text = write_moodle_xml(DROPOUT_BANK)
    edited = text.replace("It reduces overfitting.</div>", "It <b>prevents</b> it.</div>").replace(
        "<defaultgrade>10</defaultgrade>", "<defaultgrade>4.0000000</defaultgrade>"
    )
    assert edited != text
    file.write_text(edited, encoding="utf-8")
    again = read_moodle_xml(file).bank
    expected = "Dropout deactivates random neurons during training. It prevents it."
    assert again.questions[0].references == (expected,)
    assert again.questions[0].max_points == 4
    assert again.questions[0].criteria == DROPOUT_BANK.questions[0].criteria


def test_without_its_comment_the_visible_part_comes_back(file: Path) -> None:
    file.write_text(re.sub("<!-- .*? -->", "", write_moodle_xml(DROPOUT_BANK)), encoding="utf-8")
    again = read_moodle_xml(file).bank
    assert (again.bank, again.title) == ("tiny", "A tiny bank")
    for one, other in zip(again.questions, DROPOUT_BANK.questions, strict=True):
        assert (one.id, one.question, one.references, one.max_points) == (
            other.id, other.question, other.references, other.max_points
        )  # fmt: skip
        assert one.criteria == ()


def test_graders_are_shown_references_criteria_and_misconceptions() -> None:
    shown = write_moodle_xml(DROPOUT_BANK)
    assert "<h4>Reference answers</h4>" in shown
    assert "<li>Dropout reduces overfitting. <em>(weight 1)</em></li>" in shown
    assert "<p>Of the points to choose from, 2 are wanted.</p>" in shown
    assert "<li>Dropout deactivates neurons when the network is tested. <em>(at most 25%)</em></li>" in shown


def test_a_character_that_xml_cannot_carry_is_refused_by_its_place() -> None:
    broken = DROPOUT_BANK.questions[0].model_copy(update={"references": ("Fine.", "It beeps:\x07")})
    bank = Bank(bank="tiny", title="Tiny", questions=(broken,))
    with pytest.raises(BankError) as refused:
        write_moodle_xml(bank)
    assert str(refused.value) == (
        r"tiny: questions[0].references[1]: holds U+0007, which only the json format carries: remove it"
    )
