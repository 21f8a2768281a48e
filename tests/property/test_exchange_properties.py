"""What holds of every bank that is written in another format and read back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moodle import import_gift, import_xml
from strategies import anything, bank_texts, banks, written

from grader.bank.exchange.formats import EXCHANGES, SUFFIXES, Format, read_exchange
from grader.bank.exchange.json_document import write_json
from grader.bank.exchange.markup import readable
from grader.bank.exchange.references import join_references, split_references
from grader.bank.exchange.table import neutral, restored
from grader.bank.loader import parse_bank
from grader.bank.question import Bank, Question
from grader.errors import BankError, Fault

EXAMPLES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SUFFIX = {chosen: suffix for suffix, chosen in SUFFIXES.items()}
PLAIN_FORMATS = [Format.MOODLE_XML, Format.GIFT, Format.CSV]
# XML 1.0, production [2]: Char
XML_TEXT = re.compile(r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
SIGNS = [*"{}~=#:\\[]'\"<>&/-n%@+*\n\t"]
SPECIAL = [*SIGNS, "####", "]]>", "-->", "--", "---", "\n---\n", "\n----\n", "//", "::", "->", "\\n"]
MARKUP = ["<p>", "</div>", "<!-- answer-grader: {} -->", "&amp;", "&#65;", "[html]", "[plain]", "\r\n", "TRUE"]
AWKWARD = st.lists(st.sampled_from(SPECIAL) | st.sampled_from(MARKUP), min_size=1, max_size=12).map("".join)
carriable = st.lists(AWKWARD.filter(str.strip), min_size=1, max_size=3)


def awkward(bank: Bank, texts: list[str]) -> Bank:
    """The bank with other questions and references, and without topics."""
    update = {"question": texts[0], "references": texts, "topic": None}
    changed = [{**question.model_dump(), **update} for question in bank.questions]
    return Bank.model_validate({**bank.model_dump(), "questions": changed})


def line_fed(text: str) -> str:
    return re.sub("\r\n|\r", "\n", text)


def as_carried(question: Question) -> Question:
    """A question with line feeds for line ends, in the fields that stand in plain view."""
    update = {"question": line_fed(question.question), "references": tuple(map(line_fed, question.references))}
    return question.model_copy(update=update)


def shown_texts(bank: Bank) -> list[str]:
    return [text for one in bank.questions for text in (one.question, *one.references, one.topic or "")]


def round_trip(bank: Bank, chosen: Format, folder: Path) -> Bank:
    path = folder / f"bank{SUFFIX[chosen]}"
    path.write_bytes(EXCHANGES[chosen].write(bank).encode())
    exchanged = read_exchange(path)
    assert exchanged.skipped == ()
    return exchanged.bank


@pytest.mark.parametrize("chosen", PLAIN_FORMATS)
@EXAMPLES
@given(bank=banks())
def test_a_bank_keeps_questions_references_and_points_or_is_refused(bank: Bank, chosen: Format, tmp_path: Path) -> None:
    if all(XML_TEXT.fullmatch(text) for text in shown_texts(bank)):
        assert_kept(bank, chosen, round_trip(bank, chosen, tmp_path))
    else:
        with pytest.raises(BankError, match=r"questions\[\d\]\.(question|references|topic).*holds U\+"):
            EXCHANGES[chosen].write(bank)


@pytest.mark.parametrize("chosen", PLAIN_FORMATS)
@EXAMPLES
@given(bank=banks(), texts=carriable)
def test_signs_that_a_format_gives_a_meaning_to_are_kept(
    bank: Bank, texts: list[str], chosen: Format, tmp_path: Path
) -> None:
    changed = awkward(bank, texts)
    assert_kept(changed, chosen, round_trip(changed, chosen, tmp_path))


def assert_kept(bank: Bank, chosen: Format, again: Bank) -> None:
    expected = [as_carried(question) for question in bank.questions]
    if chosen is Format.MOODLE_XML:
        assert again == bank.model_copy(update={"questions": tuple(expected)})
        return
    for one, other in zip(expected, again.questions, strict=True):
        kept = (one.id, one.question, one.references, one.max_points, one.difficulty)
        assert kept == (other.id, other.question, other.references, other.max_points, other.difficulty)
        assert line_fed(one.topic or "") == line_fed(other.topic or "")


@EXAMPLES
@given(bank=banks())
def test_a_bank_as_json_is_the_bank_to_the_reader_and_to_the_loader(bank: Bank, tmp_path: Path) -> None:
    assert round_trip(bank, Format.JSON, tmp_path) == bank
    again = parse_bank(write_json(bank), source="bank.json")
    assert again == bank
    assert again.content_hash == bank.content_hash


@EXAMPLES
@given(banks(), carriable)
def test_moodle_takes_the_xml_for_what_was_meant(bank: Bank, texts: list[str]) -> None:
    changed = awkward(bank, texts)
    essays = import_xml(EXCHANGES[Format.MOODLE_XML].write(changed))
    assert [(one.idnumber, one.text, one.text_format, one.points) for one in essays] == [
        (one.id, line_fed(one.question), "plain_text", one.max_points) for one in changed.questions
    ]
    assert all("Reference answers" in one.grader_info for one in essays)


@EXAMPLES
@given(banks(), carriable)
def test_moodle_takes_the_gift_for_what_was_meant(bank: Bank, texts: list[str]) -> None:
    changed = awkward(bank, texts)
    essays = import_gift(EXCHANGES[Format.GIFT].write(changed))
    assert [(one.idnumber, one.text, one.text_format) for one in essays] == [
        (one.id, line_fed(one.question), "plain") for one in changed.questions
    ]
    for essay, question in zip(essays, changed.questions, strict=True):
        assert split_references(essay.feedback) == [line_fed(reference) for reference in question.references]


@EXAMPLES
@given(st.lists(AWKWARD.map(str.strip).filter(bool), min_size=1, max_size=4))
def test_references_in_one_text_come_apart_as_they_were(references: list[str]) -> None:
    assert split_references(join_references(references)) == [line_fed(reference) for reference in references]


@EXAMPLES
@given(st.one_of(anything, st.text("'=+-@\t\ra", max_size=6)))
def test_no_cell_is_a_formula_and_each_is_restored(cell: str) -> None:
    assert not neutral(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restored(neutral(cell)) == cell


@EXAMPLES
@given(
    suffix=st.sampled_from([".xml", ".gift", ".csv", ".json", ".txt"]),
    begin=st.sampled_from([b"", b"<quiz><question type='essay'>", b"id,question,references\n", b"{", b"::a::b{"]),
    data=st.binary(max_size=60) | st.one_of(anything, written, bank_texts).map(str.encode),
)
def test_any_file_is_a_bank_or_is_refused_with_a_reason(suffix: str, begin: bytes, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"bank{suffix}"
    path.write_bytes(begin + data)
    faults = faults_of(path)
    assert faults is None or (bool(faults) and all(one.source == str(path) and bool(one.reason) for one in faults))


def faults_of(path: Path) -> tuple[Fault, ...] | None:
    """What is wrong with a file; None if it holds a bank."""
    try:
        read_exchange(path)
    except BankError as error:
        return error.faults
    return None


@EXAMPLES
@given(st.one_of(AWKWARD, anything, written))
def test_html_of_any_kind_becomes_text(markup: str) -> None:
    assert isinstance(readable(markup), str)
