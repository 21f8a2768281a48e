"""A topic for each question of a bank, chosen among the terms that its questions share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from grader.bank.question import Question
from grader.encoders.protocol import Encoder
from grader.text.reading import read
from grader.text.tokens import Token

_LEAST_QUESTIONS = 3  # that share a term: a topic of fewer sorts nothing
_GREATEST_SHARE = 0.35  # of the questions: a term of more tells nothing
_MOST_TERMS = 200  # that are encoded
_ALIKE = 0.25  # cosine: below it, a term has little to do with the question and answer

Term = tuple[str, ...]  # stems


def draft_topics(questions: Sequence[Question], encoder: Encoder) -> tuple[str | None, ...]:
    """For each question, the shared term that is nearest to its question and answer and that it holds; None if none is.

    A term is one or two words of the questions and references, shared by three questions or more, but not by most; a
    topic that one question alone would have is given up for the next nearest.
    """
    terms = [dict(_terms(read(f"{one.question}\n{one.references[0]}").tokens)) for one in questions]
    asked = [dict(_terms(read(one.question).tokens)) for one in questions]
    shared = _shared(asked, terms)
    if not shared:
        return (None,) * len(questions)
    names = _names([*asked, *terms], shared)
    vectors = np.stack([encoding.vector for encoding in encoder.encode([names[term] for term in shared])])
    texts = encoder.encode([f"{one.question} {one.references[0]}" for one in questions])
    likeness = [dict(zip(shared, vectors @ text.vector, strict=True)) for text in texts]
    first = _nearest(likeness, terms, set(shared))
    often = Counter(first)
    chosen = _nearest(likeness, terms, {term for term, count in often.items() if term is not None and count > 1})
    return tuple(None if term is None else names[term] for term in chosen)


def _nearest(
    likeness: Sequence[dict[Term, float]], terms: Sequence[dict[Term, str]], allowed: set[Term]
) -> list[Term | None]:
    """For each question, the nearest of the terms allowed that it holds; None if it holds none that is near."""
    found: list[Term | None] = []
    for alike, held in zip(likeness, terms, strict=True):
        fit = [(float(alike[term]), term) for term in allowed if term in held and alike[term] >= _ALIKE]
        found.append(max(fit)[1] if fit else None)
    return found


def _terms(tokens: Sequence[Token]) -> Iterator[tuple[Term, str]]:
    """Content words, and pairs of content words that stand together, with the form they have here."""
    for token in tokens:
        if token.is_content and not token.form[0].isdigit() and len(token.form) > 2:
            yield (token.stem,), token.form
    for left, right in pairwise(tokens):
        if left.is_content and right.is_content and right.start - left.end == 1:
            yield (left.stem, right.stem), f"{left.form} {right.form}"


def _shared(asked: Sequence[dict[Term, str]], terms: Sequence[dict[Term, str]]) -> list[Term]:
    """The terms of the questions' own texts that enough questions and answers, and not too many, hold."""
    named = {term for held in asked for term in held}
    often = Counter(term for held in terms for term in held if term in named)
    most = max(_LEAST_QUESTIONS, int(_GREATEST_SHARE * len(terms)))
    fit = [(count, term) for term, count in often.items() if _LEAST_QUESTIONS <= count <= most]
    return [term for _, term in sorted(fit, key=lambda one: (-one[0], one[1]))[:_MOST_TERMS]]


def _names(held: Sequence[dict[Term, str]], shared: Sequence[Term]) -> dict[Term, str]:
    """Each term in its most common form."""
    forms: defaultdict[Term, Counter[str]] = defaultdict(Counter)
    for one in held:
        for term, form in one.items():
            forms[term][form] += 1
    return {term: forms[term].most_common(1)[0][0] for term in shared}
