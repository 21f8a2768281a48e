"""Which of a statement's concepts an answer says, and which it denies."""

from __future__ import annotations

import pytest

from grader.bank.keywords import Keywords, compile_pattern, is_pattern
from grader.signals.keywords import ANYWHERE, NEIGHBOURS, KeywordMatch, compile_matcher, match_keywords
from grader.text.index import WordIndex
from grader.text.reading import read

STATEMENT = "Dropout reduces overfitting."
GROUPS: Keywords = (("reduce", "lower"), ("overfitting",))


def match(keywords: Keywords, answer: str, statement: str = "", question: str | None = None) -> KeywordMatch:
    matcher = compile_matcher(keywords, read(statement), None if question is None else read(question))
    found = match_keywords(matcher, WordIndex(read(answer)))
    assert found is not None
    return found


def said(keyword: str, answer: str) -> bool:
    return match(((keyword,),), answer).said == 1.0


@pytest.mark.parametrize(
    ("keyword", "answer"),
    [
        ("gate", "Gates open."),
        ("optimise", "It is optimizing."),
        ("learning rate", "the learning rates"),
        ("learning rate", "a learning-rate schedule"),
        ("learning-rate", "the learning rate"),
        ("two gates", "it has 2 gates"),
        ("GPU", "on a gpu"),
        ("F1", "the f1 score"),
    ],
)
def test_words_are_found_in_any_inflection_and_spelling(keyword: str, answer: str) -> None:
    assert said(keyword, answer)


@pytest.mark.parametrize(
    ("keyword", "answer"),
    [
        ("gate", "the gateway"),
        ("learning rate", "learning the rate"),
        ("learning rate", "It is learning. Rate it."),
        ("rate", "learn"),
        ("gate", ""),
    ],
)
def test_other_words_are_not_found(keyword: str, answer: str) -> None:
    assert match(((keyword,),), answer).said == 0.0


@pytest.mark.parametrize(
    ("keyword", "answer"),
    [("gradient", "the gradeint"), ("neuron", "a neuronn"), ("backpropagation", "with backpropogatoin")],
)
def test_a_slip_of_the_pen_is_forgiven(keyword: str, answer: str) -> None:
    assert said(keyword, answer)


@pytest.mark.parametrize(
    ("keyword", "answer"),
    [
        pytest.param("gate", "the gaet", id="a short word"),
        pytest.param("converge", "they conserve", id="an English word of its own"),
        pytest.param("neuron", "a nuerno", id="two slips in a short word"),
    ],
)
def test_a_word_that_may_be_another_is_no_slip(keyword: str, answer: str) -> None:
    assert match(((keyword,),), answer).said == 0.0


@pytest.mark.parametrize("answer", ["it predicts", "a prediction", "PREDICTED", "predict"])
def test_a_prefix_finds_every_word_that_begins_so(answer: str) -> None:
    assert said("predict*", answer)


def test_a_prefix_finds_no_word_that_only_holds_it() -> None:
    assert not said("dict*", "it predicts")


def test_the_star_of_a_phrase_belongs_to_its_last_word() -> None:
    assert said("learning rat*", "the learning rating")
    assert not said("learning rat*", "the earning rating")


@pytest.mark.parametrize("answer", ["the LEARNING of the rate", "learning rate"])
def test_a_pattern_is_matched_without_case(answer: str) -> None:
    assert said("/Learning.{0,9}rate/", answer)


def test_a_pattern_is_matched_within_a_sentence() -> None:
    assert not said("/learning.{0,9}rate/", "It is learning. Rate it.")


def test_a_pattern_finds_letters_beyond_ascii_where_they_stand() -> None:
    reading = read("ça a été là")
    found = match((("/été/",),), "ça a été là")
    assert [reading.text[span.start : span.end] for span in found.spans] == ["été"]


@pytest.mark.parametrize(
    ("keyword", "answer", "beside"),
    [
        (r"/\+\+/", "Write i++ in the loop.", "i"),
        ("/->/", "input -> output", "input"),
        ("/-=/", "w -= rate * slope", "w"),
        ("/∇/", "rate times ∇L", "L"),
        ("/=/", "= 3", "3"),
    ],
)
def test_a_pattern_of_signs_is_found_at_the_nearest_word(keyword: str, answer: str, beside: str) -> None:
    found = match(((keyword,),), answer)
    assert (found.said, [answer[span.start : span.end] for span in found.spans]) == (1.0, [beside])


def test_a_pattern_of_signs_is_not_found_where_they_are_not() -> None:
    assert not said(r"/\+\+/", "Write i + 1 in the loop.")


def test_any_alternative_says_its_group() -> None:
    assert match((("shut", "close", "gate*"),), "the gates").said == 1.0


def test_the_share_said_counts_groups() -> None:
    assert match((("gate",), ("cell",), ("state",), ("sum",)), "a gate and a cell").said == 0.5


def test_groups_in_neighbouring_sentences_count_a_little_less() -> None:
    found = match(GROUPS, "It reduces something. Overfitting, that is.")
    assert found.said == pytest.approx((1 + NEIGHBOURS) / 2)
    assert found.together == 0.5


def test_groups_far_apart_count_less_still() -> None:
    found = match(GROUPS, "It reduces something. Good. Overfitting, that is.")
    assert found.said == pytest.approx((1 + ANYWHERE) / 2)


def test_groups_in_one_sentence_are_said_together() -> None:
    found = match(GROUPS, "Good. It lowers overfitting.", STATEMENT)
    assert (found.said, found.together, found.denied) == (1.0, 1.0, 0.0)


def test_spans_point_at_the_words_that_were_found() -> None:
    answer = "Good. It reduces all overfitting."
    assert [answer[span.start : span.end] for span in match(GROUPS, answer).spans] == ["reduces", "overfitting"]


def test_the_opposite_of_the_statement_is_denied_not_said() -> None:
    answer = "It does not reduce overfitting."
    found = match(GROUPS, answer, STATEMENT)
    assert (found.said, found.denied) == (0.0, 1.0)
    assert [answer[span.start : span.end] for span in found.denied_spans] == ["reduce", "overfitting"]


def test_a_denial_elsewhere_does_not_unsay_what_is_said() -> None:
    found = match(GROUPS, "It reduces overfitting. It does not reduce overfitting.", STATEMENT)
    assert (found.said, found.denied) == (1.0, 1.0)


def test_a_denied_statement_is_said_by_denying() -> None:
    found = match((("linear",),), "It is not linear.", "The gate is not linear.")
    assert (found.said, found.denied) == (1.0, 0.0)


def test_a_keyword_with_a_negation_of_its_own_is_said_plainly() -> None:
    assert match((("not linear",),), "It is not linear.", "The gate is curved.").said == 1.0


def test_a_group_that_the_question_says_is_left_out() -> None:
    found = match((("gate",), ("scale",)), "it scales", question="What is a gate?")
    assert found.said == 1.0


def test_there_is_nothing_to_look_for_where_the_question_says_every_group() -> None:
    matcher = compile_matcher((("gate",),), read(""), read("What do gates do?"))
    assert match_keywords(matcher, WordIndex(read("gates"))) is None


def test_there_is_nothing_to_look_for_without_keywords() -> None:
    assert match_keywords(compile_matcher((), read(""), None), WordIndex(read("gates"))) is None


@pytest.mark.parametrize("keyword", ["/a/", "/(a|b)+/", "/ /"])
def test_slashes_make_a_pattern(keyword: str) -> None:
    assert is_pattern(keyword)


@pytest.mark.parametrize("keyword", ["a", "and/or", "/a", "a/", "/"])
def test_a_slash_alone_makes_none(keyword: str) -> None:
    assert not is_pattern(keyword)


@pytest.mark.parametrize(
    "keyword", [r"/(a)\1/", "/(?=a)/", "/(/", "/[z-a]/", "/((a{100}){100}){100}/", r"/(\pL{500}){2}/"]
)
def test_a_pattern_that_cannot_run_in_linear_time_and_little_space_is_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match="RE2 refuses the pattern") as refusal:
        compile_pattern(keyword)
    assert keyword in str(refusal.value)


@pytest.mark.parametrize(
    ("keyword", "answer"),
    [
        ("multi-layer", "a multilayer net"),
        ("multilayer", "a multi-layer net"),
        ("1000", "about 1,000 units"),
        ("Newton\u2019s method", "by Newton's method"),
        ("/learning rate/", "the learning\nrate"),
        ("three gates", "it has 3 gates"),
    ],
)
def test_ways_of_writing_one_thing_match(keyword: str, answer: str) -> None:
    assert said(keyword, answer)


def test_a_denial_reaches_over_a_wrapped_line() -> None:
    matcher = compile_matcher((("learn",),), read("It learns."), None)
    found = match_keywords(matcher, WordIndex(read("It does not\nlearn at all.")))
    assert found is not None
    assert (found.said, found.denied) == (0.0, 1.0)
