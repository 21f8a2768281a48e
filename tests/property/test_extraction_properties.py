"""What holds of every document that questions are looked for in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import CHARACTERS, texts

from grader.bank.assembly import Reading, assemble, missing_numbers
from grader.bank.extraction.extract import extract
from grader.bank.loader import parse_bank
from grader.bank.writing import bank_yaml

NOUNS = st.sampled_from("gate cell layer kernel tensor neuron weight bias batch".split())
QUESTIONS = st.one_of(
    st.builds("What is a {} of a {}?".format, NOUNS, NOUNS),
    st.builds("Why does the {} need a {}?".format, NOUNS, NOUNS),
    st.builds("A {} is given. How is the {} chosen?".format, NOUNS, NOUNS),
    st.builds("Explain the {} and its {}.".format, NOUNS, NOUNS),
)
SENTENCES = st.one_of(
    st.builds("The {} scales what the {} lets pass.".format, NOUNS, NOUNS),
    st.builds("It is {} that decides, e.g. in 3.5 of 10 cases.".format, NOUNS),
    st.builds("Its {} obeys $y = a * x_1$ (see [1]).".format, NOUNS),
)
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=3).map(" ".join)
BULLETS = st.lists(st.builds("- a {}".format, NOUNS), min_size=1, max_size=4).map("\n".join)


@st.composite
def _numbered(draw: st.DrawFn) -> str:
    items = draw(st.lists(st.builds("the {} is set".format, NOUNS), min_size=2, max_size=4))
    return "\n".join(f"{place}. {item}" for place, item in enumerate(items, start=1))


@st.composite
def answers(draw: st.DrawFn) -> str:
    """Paragraphs and lists; begins with a paragraph, so that every style can hold it."""
    parts = [draw(PARAGRAPHS), *draw(st.lists(st.one_of(PARAGRAPHS, BULLETS, _numbered()), max_size=3))]
    kept = [parts[0]]
    for part in parts[1:]:  # two lists on end are one list
        if part[0].isupper() or kept[-1][0].isupper():
            kept.append(part)
    return "\n\n".join(kept)


PAIRS = st.lists(st.tuples(QUESTIONS, answers()), min_size=1, max_size=6, unique_by=lambda pair: pair[0])
STYLES = {
    "1.": "{n}. {q}\n\n{a}\n\n",
    "1)": "{n}) {q}\n\n{a}\n\n",
    "heading": "### {n}. {q}\n\n{a}\n\n",
    "bold": "**{n}. {q}**\n\n{a}\n\n",
    "Q1)": "## Q{n}) {q}\n\nAns{n}:\n\n{a}\n\n",
    "**Q1:**": "**Q{n}: {q}**\n\n**Ans{n}:**\n\n{a}\n\n",
    "one line": "**Q{n}: {q}****Ans{n}:**\n\n{a}\n\n",
    "Q1. A1.": "Q{n}. {q}\nA{n}. {a}\n\n",
    "Q: A:": "Q: {q}\nA: {a}\n\n",
    "faq": "## {q}\n\n{a}\n\n",
}


def written(style: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    text = "".join(STYLES[style].format(n=number, q=q, a=a) for number, (q, a) in enumerate(pairs, start=1))
    return text.split("\n")


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=25, deadline=None)
@given(pairs=PAIRS)
def test_a_document_of_known_pairs_gives_exactly_those_pairs(style: str, pairs: list[tuple[str, str]]) -> None:
    lines = written(style, pairs)
    extraction = extract(lines)
    assert [(one.question, one.answer) for one in extraction.found] == pairs
    assert [one.number for one in extraction.found] == list(range(1, len(pairs) + 1))
    assert extraction.unanswered == ()
    for one, (question, answer) in zip(extraction.found, pairs, strict=True):
        assert question in "\n".join(lines[one.first - 1 : one.last])
        assert answer.split("\n")[-1] in lines[one.last - 1]


MARKS = st.sampled_from(
    ["1. ", "2) ", "Q1: ", "Ans1:", "Q: ", "A: ", "## ", "**", "- ", "| ", "\t", "```", "$$", ":   ", "?", "\n\n", "\f"]
)
documents = st.lists(st.one_of(MARKS, texts, st.just("\n"), QUESTIONS), max_size=30).map("".join)


@settings(max_examples=80, deadline=None)
@given(documents)
def test_any_text_is_read_and_what_is_found_makes_a_bank_that_loads(text: str) -> None:
    lines = text.splitlines()
    extraction = extract(lines)
    for one in extraction.found:
        assert 1 <= one.first <= one.last <= len(lines)
        assert any(sign.isalnum() for sign in one.answer)
    assert set(missing_numbers(extraction)).isdisjoint(one.number for one in extraction.found)
    if extraction.found:
        bank = assemble([Reading("document.txt", None, extraction)], "any")
        assert parse_bank(bank_yaml(bank), source="any.yaml") == bank


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(CHARACTERS, max_size=40), max_size=20))
def test_no_lines_are_too_strange(lines: list[str]) -> None:
    extract(lines)
