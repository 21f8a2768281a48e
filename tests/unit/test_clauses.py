"""Where a text divides into sentences, and a sentence into clauses."""

from __future__ import annotations

import pytest

from grader.text.clauses import clauses, sentences
from grader.text.normalize import Span


def divided(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def clauses_of(sentence: str) -> list[str]:
    return [sentence[span.start : span.end] for span in clauses(sentence, Span(0, len(sentence)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It learns. It forgets.", ["It learns.", "It forgets."]),
        ("Does it learn? It does! Good", ["Does it learn?", "It does!", "Good"]),
        ("Really?! Yes... it does", ["Really?!", "Yes...", "it does"]),
        ("It learns; it forgets", ["It learns;", "it forgets"]),
        ('They call it "a gate." It opens.', ['They call it "a gate."', "It opens."]),
        ("It learns (slowly). It forgets.", ["It learns (slowly).", "It forgets."]),
        ("no stop at the end", ["no stop at the end"]),
    ],
)
def test_a_sentence_ends_at_its_mark(text: str, expected: list[str]) -> None:
    assert divided(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Some layers, e.g. pooling, have no weights.",
        "It has gates, i.e. small layers.",
        "See Fig. 3 for the gate.",
        "Gates vs. cells are compared.",
        "It stores sums, etc. in a cell.",
        "The value 3.14 is nearly pi.",
        "Version 1.5.2 opens the gate.",
        "The file model.txt holds it.",
    ],
)
def test_abbreviations_and_numbers_end_no_sentence(text: str) -> None:
    assert divided(text) == [text]


def test_an_etc_before_a_capital_ends_the_sentence() -> None:
    assert divided("It adds, scales, etc. Then it stops.") == ["It adds, scales, etc.", "Then it stops."]


@pytest.mark.parametrize(
    "text",
    ["f(a. b) is a call.", "We take [a. b] here.", "Use {a. b} here.", "Call `a. b` here.", "Then $x. y$ holds."],
)
def test_nothing_is_divided_inside_brackets_code_and_formulas(text: str) -> None:
    assert divided(text) == [text]


def test_a_bracket_that_never_closes_holds_nothing_together() -> None:
    assert divided("It opens (the gate. Then it closes. Good") == ["It opens (the gate.", "Then it closes.", "Good"]


def test_a_very_long_bracket_is_divided_like_other_text() -> None:
    inside = "It learns. " * 40
    assert len(divided(f"Look ({inside}) there")) == 41


@pytest.mark.parametrize("mark", ["-", "*", "+", "•", "1.", "12)", "(3)", "a)", "(b)", "##", "--", ">"])
def test_a_list_item_stands_for_itself_without_its_mark(mark: str) -> None:
    assert divided(f"{mark} opens the gate\n{mark} closes the gate") == ["opens the gate", "closes the gate"]


@pytest.mark.parametrize("text", ["-x is negative", "*bold* words", "1.5 is a number", "#hashtag here"])
def test_a_mark_without_a_space_after_it_is_no_list_mark(text: str) -> None:
    assert divided(text) == [text]


def test_wrapped_lines_are_one_sentence() -> None:
    assert divided("the gate opens\nand lets the value in") == ["the gate opens\nand lets the value in"]


def test_a_wrapped_list_item_is_one_sentence() -> None:
    assert divided("- the gate opens\n  when it is told\n- it closes") == [
        "the gate opens\n  when it is told",
        "it closes",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("the gate opens\nThe value enters", id="a capital"),
        pytest.param("the gate opens.\nthe value enters", id="a stop"),
        pytest.param("the gates:\nthe value enters", id="a colon"),
        pytest.param("the gate opens\n\nthe value enters", id="an empty line"),
    ],
)
def test_a_line_that_does_not_go_on_begins_a_sentence(text: str) -> None:
    assert len(divided(text)) == 2


def test_the_cells_of_a_table_are_sentences() -> None:
    assert divided("gate | opens\nCell | stores") == ["gate", "opens", "Cell", "stores"]


@pytest.mark.parametrize("text", ["", "   \n\n ", "...", "- \n- ", "!!! ???", "| | |", "___"])
def test_without_words_there_is_no_sentence(text: str) -> None:
    assert divided(text) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("the loss falls fast, because the step is right", ["the loss falls fast", "because the step is right"]),
        ("the loss falls fast because the step is right", ["the loss falls fast", "because the step is right"]),
        ("the gate is open but the cell is full", ["the gate is open", "but the cell is full"]),
        ("The gate is open, WHEREAS the cell is full", ["The gate is open", "WHEREAS the cell is full"]),
        ("a gate does this: it scales the value", ["a gate does this", "it scales the value"]),
        ("the gate is open – the cell is full", ["the gate is open", "the cell is full"]),
        ("the gate is open -- the cell is full", ["the gate is open", "the cell is full"]),
    ],
)
def test_a_clause_ends_at_a_connective_or_a_mark(sentence: str, expected: list[str]) -> None:
    assert clauses_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("gates open, and cells fill", id="too few words on both sides"),
        pytest.param("the gate opens slowly, and closes", id="too few words after"),
        pytest.param("note: the gate opens slowly", id="too few words before"),
        pytest.param("the input gate, the forget gate, the output gate", id="commas of a list"),
        pytest.param("the gate scales values (they are small, and they stay so) well", id="in brackets"),
        pytest.param("the well-known end-to-end gate opens very slowly", id="hyphens"),
        pytest.param("the so-called sandbox butter android opens it", id="connectives inside words"),
    ],
)
def test_a_sentence_of_one_clause_stays_whole(sentence: str) -> None:
    assert clauses_of(sentence) == [sentence]


def test_clauses_of_a_later_sentence_point_into_the_whole_text() -> None:
    text = "First. The gate is open, but the cell is full."
    found = clauses(text, sentences(text)[1])
    assert [text[span.start : span.end] for span in found] == ["The gate is open", "but the cell is full."]


def test_a_no_ends_a_sentence_unless_a_number_follows() -> None:
    assert len(sentences("Is it linear? No. It is not.")) == 3
    assert len(sentences("See no. 4 of the list.")) == 1


def test_a_sentence_in_brackets_ends_with_its_bracket() -> None:
    text = "(It learns.) It forgets."
    assert [text[slice(*span)] for span in sentences(text)] == ["(It learns.)", "It forgets."]
