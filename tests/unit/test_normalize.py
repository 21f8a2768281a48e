"""What is read of a text, and where it stood in what was written."""

from __future__ import annotations

import pytest

from grader.text.normalize import Span, normalize


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ﬁne", "fine"),
        ("Ａ１", "A1"),
        ("x²", "x2"),
        ("wait…", "wait..."),
        ("it’s", "it's"),
        ("“so” and „so“ and «so»", '"so" and "so" and "so"'),
        ("end\u2010to\u2011end", "end-to-end"),
        ("a − b", "a - b"),
        ("one — two – three", "one – two – three"),
        ("◦ first ▪ second", "• first • second"),
        ("a\u00a0b\u3000c\u2009d", "a b c d"),
        ("a\u2028b\u2029c\x85d\vf\fg", "a\nb\nc\nd\nf\ng"),
    ],
)
def test_forms_that_look_alike_are_read_alike(written: str, read: str) -> None:
    assert normalize(written).text == read


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u202e", "\ufeff", "\x00", "\x1b", "\ud800", "\ue000"])
def test_what_a_reader_cannot_see_is_left_out_and_counted(unseen: str) -> None:
    normalized = normalize(f"ga{unseen}te{unseen}")
    assert (normalized.text, normalized.unseen) == ("gate", 2)


def test_plain_text_is_read_as_it_is_written() -> None:
    normalized = normalize("Plain text, 100% of it.")
    assert (normalized.text, normalized.origins, normalized.unseen) == ("Plain text, 100% of it.", None, 0)


def test_accents_are_kept() -> None:
    assert normalize("naïve Übung").text == "naïve Übung"


def test_a_span_of_plain_text_is_its_own_written_span() -> None:
    assert normalize("plain text").written_span(Span(6, 10)) == Span(6, 10)


@pytest.mark.parametrize(
    ("written", "span", "expected"),
    [
        ("ﬁne gate", Span(0, 1), "ﬁ"),
        ("ﬁne gate", Span(5, 9), "gate"),
        ("ga\u200bte opens", Span(0, 4), "ga\u200bte"),
        ("\u200bgate", Span(0, 4), "gate"),
        ("wait… then", Span(5, 6), "…"),
    ],
)
def test_a_span_read_leads_back_to_what_was_written(written: str, span: Span, expected: str) -> None:
    place = normalize(written).written_span(span)
    assert written[place.start : place.end] == expected


def test_nothing_is_read_of_nothing() -> None:
    assert normalize("").text == ""


def test_a_carriage_return_and_line_feed_are_one_line_break() -> None:
    assert normalize("a\r\nb").text == "a\nb"


def test_a_letter_and_its_combining_mark_are_one_letter_of_two_code_points() -> None:
    found = normalize("nai\u0308ve")
    assert found.text == "naïve"
    assert found.written_span(Span(2, 3)) == (2, 4)


def test_what_emoji_are_made_of_is_not_hidden_text() -> None:
    assert normalize("\u2764\ufe0f and \U0001f468\u200d\U0001f469\u200d\U0001f467").unseen == 0
