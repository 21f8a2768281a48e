"""A rubric drafted from references, for a question that has none: a criterion a clause, key terms as its keywords."""

from __future__ import annotations

from collections.abc import Iterator

from grader.bank.question import DRAFTED, Criterion, Question
from grader.errors import UnusableReference
from grader.text.normalize import Span
from grader.text.reading import Reading, read
from grader.text.tokens import Token, tokenize

_LEAST_CONTENT = 2  # content words: a clause of fewer is read with the clause before it
_KEY_TERMS = 4
_LONGEST_STATEMENT = 20_000  # code points, as a statement in a bank
_LONGEST_TERM = 60  # letters: what is longer is no word
_MOST_CRITERIA = 12  # a longer reference is cut into equal stretches of clauses


def draft_rubrics(question: Question) -> tuple[Question, ...]:
    """The question once for each of its references, with the criteria drafted from that reference.

    References are alternatives: each says what a full-mark answer says, so an answer is graded by the one that suits it
    best. A question that has criteria is returned as it is.

    Raises:
        UnusableReference: no reference has a word in it.
    """
    if question.criteria:
        return (question,)
    told = read(question.question).content_stems
    drafted = ((reference, tuple(_criteria(read(reference), told))) for reference in question.references)
    rubrics = tuple(
        question.model_copy(update={"references": (reference,), "criteria": criteria})
        for reference, criteria in drafted
        if criteria
    )
    if not rubrics:
        raise UnusableReference(f"question {question.id!r}: no reference has a word in it")
    return rubrics


def _criteria(reference: Reading, told: frozenset[str]) -> Iterator[Criterion]:
    for number, span in enumerate(_stretches(reference), start=1):
        statement = " ".join(reference.text[span.start : span.end].split())[:_LONGEST_STATEMENT]
        keywords = tuple((term,) for term in _key_terms(tokenize(reference.text, *span), told))
        yield Criterion(id=f"{DRAFTED}{number}", statement=statement, keywords=keywords)


def stating_spans(reference: Reading) -> list[Span]:
    """The clauses of a reference, in the text read, those that say little joined to the ones before them."""
    clauses = [clause for sentence in reference.sentences for clause in sentence.clauses]
    joined: list[Span] = []
    for clause in clauses:
        if joined and _content(reference, clause) < _LEAST_CONTENT:
            joined[-1] = Span(joined[-1].start, clause.end)
        else:
            joined.append(clause)
    return joined


def _stretches(reference: Reading) -> list[Span]:
    """What a reference states, in at most `_MOST_CRITERIA` stretches of equal numbers of clauses."""
    joined = stating_spans(reference)
    size = max(1, -(-len(joined) // _MOST_CRITERIA))
    return [Span(joined[i].start, joined[min(i + size, len(joined)) - 1].end) for i in range(0, len(joined), size)]


def _content(reference: Reading, span: Span) -> int:
    return sum(token.is_content for token in tokenize(reference.text, *span))


def _key_terms(tokens: tuple[Token, ...], told: frozenset[str]) -> list[str]:
    """The longest content words that the question does not have, in their order: long words carry the most meaning."""
    content = (token for token in tokens if token.is_content and len(token.form) <= _LONGEST_TERM)
    candidates = {token.stem: token for token in content if token.stem not in told}
    longest = sorted(candidates.values(), key=lambda token: (-len(token.form), token.start))[:_KEY_TERMS]
    return [token.form for token in sorted(longest, key=lambda token: token.start)]
