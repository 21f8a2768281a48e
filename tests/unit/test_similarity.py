"""Similarity to statements and references, above what the question itself earns."""

from __future__ import annotations

import numpy as np
import pytest

from grader.encoders.hashing import HashingEncoder
from grader.signals.encoded import EncodedText, encode_fixed, encode_texts
from grader.signals.similarity import StatementSimilarity, lift, make_wordings, statement_similarity
from grader.text.reading import read


def encoded(text: str) -> EncodedText:
    return encode_texts([read(text)], HashingEncoder())[0]


QUESTION = encoded("What does a cache do?")
STATEMENT = encoded("A cache keeps recent results close by.")


def test_lift_is_nothing_at_the_base_and_all_at_one() -> None:
    assert lift(0.4, 0.4) == 0.0
    assert lift(1.0, 0.4) == pytest.approx(1.0)
    assert lift(0.2, 0.4) == 0.0


def similarity(answer: EncodedText, *texts: EncodedText, shared: frozenset[str] = frozenset()) -> StatementSimilarity:
    return statement_similarity(answer, make_wordings(texts or (STATEMENT,), QUESTION, shared))


def test_the_question_repeated_has_no_lift_and_covers_nothing() -> None:
    found = similarity(QUESTION)
    assert found.lift == pytest.approx(0.0, abs=1e-6)
    assert found.coverage == 0.0


def test_the_statement_itself_has_full_lift_and_coverage() -> None:
    found = similarity(STATEMENT)
    assert found.lift == pytest.approx(1.0)
    assert found.coverage == pytest.approx(1.0)
    assert found.nearest == (0, 38)


def test_the_nearest_clause_is_the_one_that_says_it() -> None:
    answer = encoded("I like tea. A cache keeps recent results close by. It is fast.")
    found = similarity(answer)
    assert found.nearest is not None
    assert answer.reading.text[slice(*found.nearest)] == "A cache keeps recent results close by."


def test_words_that_are_not_the_statements_own_do_not_cover_it() -> None:
    shared = STATEMENT.reading.content_stems
    assert similarity(STATEMENT, shared=shared).coverage == 0.0
    one_own = similarity(STATEMENT, shared=shared - {"recent"})
    assert 0.0 < one_own.coverage < 0.5


def test_of_several_wordings_the_one_that_says_most_counts() -> None:
    other, empty = encoded("It spares work that was done before."), encoded("So it does.")
    answer = encoded("A cache spares work that was done.")
    alone, nearer, all_three = (similarity(answer, *texts) for texts in ((), (other,), (STATEMENT, empty, other)))
    assert (all_three.cosine, all_three.lift) == pytest.approx((nearer.cosine, nearer.lift))
    assert all_three.coverage == pytest.approx(nearer.coverage)
    assert all_three.cosine > alone.cosine
    assert all_three.coverage > alone.coverage


def test_an_answer_without_words_is_near_to_nothing() -> None:
    found = similarity(encoded("…!"))
    assert (found.cosine, found.lift, found.coverage, found.nearest) == (0.0, 0.0, 0.0, None)


def test_one_sentence_has_the_same_vectors_whatever_is_beside_it() -> None:
    alone, beside = encoded("Old entries leave first."), encoded("It is small. Old entries leave first.")
    assert np.array_equal(alone.clauses[0], beside.clauses[1])


def test_content_words_have_a_row_each_and_function_words_none() -> None:
    text = encoded("The cache is very fast and it keeps results.")
    assert [token.form for token in text.word_tokens] == ["cache", "fast", "keeps", "results"]
    assert text.words.shape == (4, HashingEncoder.dimension)
    assert np.allclose(np.linalg.norm(text.words, axis=1), 1.0, atol=1e-5)


def test_fixed_texts_are_rounded_the_same_with_and_without_a_cache() -> None:
    (fixed,) = encode_fixed(["A cache keeps results."], HashingEncoder(), None)
    assert np.array_equal(fixed.clauses, fixed.clauses.astype(np.float16).astype(np.float32))
