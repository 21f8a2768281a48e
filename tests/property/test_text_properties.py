"""What holds of every text that is read, whatever a candidate wrote."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import keywords, plain_words, texts

from grader.bank.draft import draft_rubrics
from grader.bank.question import Question
from grader.encoders.hashing import HashingEncoder
from grader.signals.instructions import find_instruction
from grader.signals.keywords import compile_matcher, match_keywords
from grader.signals.language import foreign_language, hidden_text
from grader.signals.word_order import is_shuffled, is_word_list
from grader.text.index import WordIndex
from grader.text.negation import negators
from grader.text.normalize import Span, normalize
from grader.text.reading import read
from grader.text.tokens import stem, tokenize

EXAMPLES = settings(max_examples=60, deadline=None)


def in_order(spans: list[Span], whole: Span) -> bool:
    """Whether spans are not empty, lie within another one, and follow each other without overlap."""
    inside = all(whole.start <= span.start < span.end <= whole.end for span in spans)
    return inside and all(earlier.end <= later.start for earlier, later in pairwise(spans))


@EXAMPLES
@given(texts)
def test_every_code_point_read_remembers_one_written(written: str) -> None:
    normalized = normalize(written)
    places = [normalized.written_span(Span(i, i + 1)) for i in range(len(normalized.text))]
    assert all(0 <= place.start < place.end <= len(written) for place in places)
    assert all(earlier.start <= later.start for earlier, later in pairwise(places))


@EXAMPLES
@given(texts, st.data())
def test_a_written_span_points_at_text_that_reads_as_what_was_read(written: str, data: st.DataObject) -> None:
    normalized = normalize(written)
    if not normalized.text:
        return
    start = data.draw(st.integers(0, len(normalized.text) - 1))
    end = data.draw(st.integers(start + 1, len(normalized.text)))
    place = normalized.written_span(Span(start, end))
    assert normalized.text[start:end] in normalize(written[place.start : place.end]).text


@EXAMPLES
@given(texts)
def test_what_was_read_reads_as_itself(written: str) -> None:
    text = normalize(written).text
    assert normalize(text).text == text


@EXAMPLES
@given(texts)
def test_the_only_white_space_read_is_the_space_the_tab_and_the_line_break(written: str) -> None:
    assert {c for c in normalize(written).text if c.isspace()} <= {" ", "\t", "\n"}


@EXAMPLES
@given(texts)
def test_sentences_lie_in_order_within_the_text(written: str) -> None:
    reading = read(written)
    assert in_order([s.span for s in reading.sentences], Span(0, len(reading.text)))


@EXAMPLES
@given(texts)
def test_a_sentence_has_words_and_no_space_around_it(written: str) -> None:
    for sentence in read(written).sentences:
        assert sentence.text == sentence.text.strip()
        assert any(character.isalnum() for character in sentence.text)


@EXAMPLES
@given(texts)
def test_clauses_lie_in_order_within_their_sentence(written: str) -> None:
    for sentence in read(written).sentences:
        assert sentence.clauses
        assert in_order(list(sentence.clauses), sentence.span)


@EXAMPLES
@given(texts)
def test_a_divided_sentence_has_no_clause_of_fewer_than_three_words(written: str) -> None:
    reading = read(written)
    for sentence in reading.sentences:
        if len(sentence.clauses) > 1:
            assert all(len(re.findall(r"[^\W_]+", reading.text[c.start : c.end])) >= 3 for c in sentence.clauses)


@EXAMPLES
@given(texts)
def test_every_word_of_a_sentence_stands_in_one_of_its_clauses(written: str) -> None:
    for sentence in read(written).sentences:
        for token in sentence.tokens:
            assert sum(c.start <= token.start and token.end <= c.end for c in sentence.clauses) == 1


@EXAMPLES
@given(texts)
def test_words_lie_in_order_within_their_sentence(written: str) -> None:
    for sentence in read(written).sentences:
        assert sentence.tokens
        assert in_order([token.span for token in sentence.tokens], sentence.span)


@EXAMPLES
@given(texts)
def test_a_word_has_the_form_that_stands_in_the_text(written: str) -> None:
    reading = read(written)
    for token in reading.tokens:
        assert token.form == reading.text[token.start : token.end].lower()
        assert token.stem == stem(token.form)


@EXAMPLES
@given(texts)
def test_what_patterns_are_matched_on_is_as_long_as_the_sentence(written: str) -> None:
    for sentence in read(written).sentences:
        assert len(sentence.matched_text) == len(sentence.text) == sentence.span.end - sentence.span.start


@EXAMPLES
@given(texts)
def test_every_word_has_a_polarity_and_every_negator_is_a_word(written: str) -> None:
    for sentence in read(written).sentences:
        assert len(sentence.polarities) == len(sentence.tokens)
        assert all(0 <= place < len(sentence.tokens) for place in negators(sentence.tokens))


@EXAMPLES
@given(st.lists(plain_words, min_size=1, max_size=30))
def test_no_word_of_prose_is_lost(words: list[str]) -> None:
    assert [token.form for token in read(" ".join(words)).tokens] == words


@EXAMPLES
@given(texts, st.data())
def test_the_words_of_a_stretch_lie_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert in_order([token.span for token in tokenize(text, start, end)], Span(start, end))


@EXAMPLES
@given(texts)
def test_an_index_finds_every_word_where_it_stands(written: str) -> None:
    reading = read(written)
    index = WordIndex(reading)
    for number, sentence in enumerate(reading.sentences):
        for position, token in enumerate(sentence.tokens):
            assert (number, position) in index.stem_places(token.stem)
            assert (number, position) in index.form_places(token.form)
            assert token.form in index.forms_like(token.form)


@EXAMPLES
@given(keywords, texts, texts, st.none() | texts)
def test_a_matcher_reports_shares_and_only_places_of_the_text(
    groups: tuple[tuple[str, ...], ...], statement: str, answer: str, question: str | None
) -> None:
    matcher = compile_matcher(groups, read(statement), None if question is None else read(question))
    reading = read(answer)
    match = match_keywords(matcher, WordIndex(reading))
    if match is None:
        assert not matcher.groups
        return
    assert 0 <= match.together <= match.said <= 1
    assert 0 <= match.denied <= 1
    for span in (*match.spans, *match.denied_spans):
        assert 0 <= span.start < span.end <= len(reading.text)
    assert bool(match.spans) == (match.said > 0)
    assert bool(match.denied_spans) == (match.denied > 0)


@EXAMPLES
@given(keywords, texts)
def test_repeating_the_question_earns_no_keyword(groups: tuple[tuple[str, ...], ...], question: str) -> None:
    asked = read(question)
    match = match_keywords(compile_matcher(groups, read(""), asked), WordIndex(asked))
    assert match is None or (match.said == 0 and match.denied == 0)


@EXAMPLES
@given(texts)
def test_every_guard_reads_every_text(written: str) -> None:
    reading = read(written)
    is_word_list(reading.text, reading.tokens)
    is_shuffled(reading.text, reading.tokens, [reading.tokens])
    foreign_language(reading.text)
    hidden_text(reading.normalized, reading.tokens)
    instruction = find_instruction(reading.text)
    assert instruction is None or 0 <= instruction.start < instruction.end <= len(reading.text)


@EXAMPLES
@given(texts)
def test_pieces_of_an_encoding_lie_in_order_within_the_text(text: str) -> None:
    (encoding,) = HashingEncoder().encode([text])
    assert in_order([Span(int(a), int(b)) for a, b in encoding.offsets], Span(0, len(text)))
    assert len(encoding.pieces) == len(encoding.offsets)


@EXAMPLES
@given(st.lists(plain_words, min_size=1, max_size=60), st.lists(st.sampled_from([" ", ", and ", ". ", "\n- "])))
def test_a_drafted_rubric_has_distinct_criteria_and_at_most_twelve(words: list[str], joints: list[str]) -> None:
    reference = words[0] + "".join(
        (joints[i % len(joints)] if joints else " ") + word for i, word in enumerate(words[1:])
    )
    (drafted,) = draft_rubrics(Question(id="q", question="Why?", references=(reference,)))
    assert 1 <= len({criterion.id for criterion in drafted.criteria}) == len(drafted.criteria) <= 12


HUNDRED_KB = {
    "open brackets": "(" * 100_000,
    "nested brackets": "[" * 50_000 + "]" * 50_000,
    "half-open brackets": "{a b " * 20_000,
    "brackets just too long": ("(" + "a" * 301) * 330,
    "formula marks": "$ " * 50_000,
    "code marks": "`a" * 50_000,
    "full stops": "." * 100_000,
    "spaced full stops": ". " * 50_000,
    "stops in quotes": '.")' * 33_333,
    "spaces": " " * 100_000,
    "a comma and spaces": "," + " " * 99_999,
    "spaces after an abbreviation": ("etc." + " " * 96) * 1_000,
    "line breaks": "\n" * 100_000,
    "spaces and line breaks": " \n" * 50_000,
    "one long word": "a" * 100_000,
    "one long number": "1." * 50_000,
    "apostrophes": "a'" * 50_000,
    "list marks": "a) " * 33_333,
    "bullets": "• " * 50_000,
    "headings": "#" * 100_000,
    "table breaks": " | " * 33_333,
    "wrapped lines": ("word " * 20 + "\n") * 1_000,
    "clause breaks": "a b c, and " * 9_000,
    "negators": "not " * 25_000,
    "lesseners": "reduces " * 12_500,
    "nothing that is seen": "\u200b" * 100_000,
    "nested quotes": '"' * 100_000,
}


@pytest.mark.parametrize("text", HUNDRED_KB.values(), ids=HUNDRED_KB.keys())
def test_a_hundred_kilobytes_of_anything_are_read(text: str) -> None:
    reading = read(text)
    assert in_order([sentence.span for sentence in reading.sentences], Span(0, len(reading.text)))
    assert find_instruction(reading.text) is None
