"""The 200 questions and answers of the four documents beside the checkout.

How `seed_questions.json` was made: the four documents were read from the first line to the last by the author of the
file, before any of the code that it tests was run on them. For every question the line of the question and the lines of
its answer were written down by hand, without the page furniture, figure captions, chart labels, remarks to the reader,
headings, advertisements, closing matter and reading lists that stand between; where a line holds both what belongs and
what does not, the words of it that belong (`[line, words before, last word]`). A script of forty lines then took the
words of these places from the documents, and wrote their number and the SHA-256 of them, so that no text of a document
is kept here. `words_of` below reads the places by the same rules, independently of the code under test.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from grader.bank.documents import open_document
from grader.bank.extraction.extract import extract
from grader.bank.extraction.found import Found

Places = list[list[int]]

GOLDEN: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "seed_questions.json").read_text(encoding="utf-8")
)
COUNTS = {"000_": 50, "001_": 75, "002_": 50, "003_": 25}

pytestmark = pytest.mark.shared


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def unmarked(line: str) -> str:
    """A line without bold marks, link targets and tags: what Markdown and HTML add to the words."""
    line = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line.replace("**", ""))
    return re.sub(r"</?[a-z]+>", "", line)


def words_of(lines: list[str], places: Places) -> list[str]:
    found: list[str] = []
    for place in places:
        if len(place) == 2:
            found += [word for line in lines[place[0] - 1 : place[1]] for word in words(unmarked(line))]
        else:
            line, first, last = place
            found += words(unmarked(lines[line - 1]))[first:last]
    return found


def digest(found: list[str]) -> str:
    return hashlib.sha256(" ".join(found).encode()).hexdigest()


@pytest.fixture(scope="module", params=sorted(GOLDEN), ids=lambda name: name[:3])
def document(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def found(document: str, shared: Path) -> tuple[Found, ...]:
    extraction = extract(open_document(shared / "seeds" / document).lines)
    assert extraction.unanswered == ()
    return extraction.found


def test_the_file_agrees_with_the_documents(document: str, shared: Path) -> None:
    lines = (shared / "seeds" / document).read_text(encoding="utf-8").split("\n")
    for expected in GOLDEN[document]:
        for part, places in (("question", [expected["question"]]), ("answer", expected["answer"])):
            read = words_of(lines, places)
            assert len(read) == expected[f"{part}_words"], (expected["number"], part)
            assert digest(read) == expected[f"{part}_sha256"], (expected["number"], part)


def test_the_numbers_are_exactly_those_of_the_document(document: str, found: tuple[Found, ...]) -> None:
    count = next(count for prefix, count in COUNTS.items() if document.startswith(prefix))
    assert [one.number for one in found] == list(range(1, count + 1))
    assert [one["number"] for one in GOLDEN[document]] == list(range(1, count + 1))


@pytest.mark.parametrize("part", ["question", "answer"])
def test_every_text_is_the_one_that_was_read(document: str, found: tuple[Found, ...], part: str) -> None:
    for one, expected in zip(found, GOLDEN[document], strict=True):
        read = words(getattr(one, part))
        assert len(read) == expected[f"{part}_words"], (one.number, part)
        assert digest(read) == expected[f"{part}_sha256"], (one.number, part)


def test_every_place_is_the_one_that_was_read(document: str, found: tuple[Found, ...]) -> None:
    for one, expected in zip(found, GOLDEN[document], strict=True):
        end = expected["answer"][-1]
        assert (one.first, one.last) == (expected["question"][0], end[1] if len(end) == 2 else end[0]), one.number


def test_whatever_was_left_out_of_an_answer_is_told(document: str, found: tuple[Found, ...]) -> None:
    """An answer in several pieces, or one whose question's line goes on, is marked for review."""
    for one, expected in zip(found, GOLDEN[document], strict=True):
        if len(expected["answer"]) > 1:
            assert one.doubts, one.number
