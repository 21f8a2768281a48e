"""A question made ready: everything about it that is read, encoded and compiled once for all its answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from grader.bank.question import Question, Statement
from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder
from grader.signals.denial import RightWords, right_words
from grader.signals.encoded import EncodedText, encode_fixed
from grader.signals.enumeration import enumerated_stems
from grader.signals.keywords import Matcher, compile_matcher
from grader.signals.reference import Profile, profile
from grader.signals.similarity import Wordings, make_wordings
from grader.text.reading import Reading


@dataclass(frozen=True, slots=True)
class PreparedStatement:
    """A criterion's or a misconception's statement, encoded, with its keywords compiled.

    `wordings` are the statement and the single claims that it is said as.
    """

    text: EncodedText
    wordings: Wordings
    matcher: Matcher
    profile: Profile


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """A question ready to be answered.

    `vocabulary` holds the stems of all its texts and keywords, `right` what its references and criteria say, and
    `enumerated` the stems of what they enumerate.
    """

    question: Question
    text: EncodedText
    references: tuple[Profile, ...]
    criteria: tuple[PreparedStatement, ...]
    misconceptions: tuple[PreparedStatement, ...]
    vocabulary: frozenset[str]
    right: RightWords
    enumerated: frozenset[str]


def prepare(question: Question, encoder: Encoder, cache: EncodingCache | None = None) -> PreparedQuestion:
    """Read, encode and compile a question. It must have criteria (see `grader.bank.draft`)."""
    texts = [question.question, *question.references]
    for judged in (*question.criteria, *question.misconceptions):
        texts += [judged.statement, *judged.said_as]
    encoded = iter(encode_fixed(texts, encoder, cache))
    text = next(encoded)
    references = tuple(profile(next(encoded), text) for _ in question.references)
    criteria = tuple(_statements(question.criteria, encoded, text, text.reading, frozenset()))
    right_texts = (*(one.text for one in references), *(one.text for one in criteria))
    right = frozenset[str]().union(*(one.reading.content_stems for one in right_texts))
    misconceptions = tuple(_statements(question.misconceptions, encoded, text, None, right))
    statements = (*criteria, *misconceptions)
    known = (text, *(one.text for one in references), *(statement.text for statement in statements))
    vocabulary = frozenset(stem for one in known for stem in one.reading.stems).union(
        word.stem for statement in statements for group in statement.matcher.groups for word in group.words
    )
    said = [one.reading for one in right_texts]
    return PreparedQuestion(
        question, text, references, criteria, misconceptions, vocabulary, right_words(said), enumerated_stems(said)
    )


def _statements(
    judged: Iterable[Statement],
    encoded: Iterator[EncodedText],
    question: EncodedText,
    told: Reading | None,
    shared: frozenset[str],
) -> Iterator[PreparedStatement]:
    """A misconception keeps the groups that its question hits: what it says wrongly is said of the question's words."""
    for one in judged:
        text = next(encoded)
        wordings = make_wordings([text, *islice(encoded, len(one.said_as))], question, shared)
        matcher = compile_matcher(one.keywords, text.reading, told)
        yield PreparedStatement(text, wordings, matcher, profile(text, question))
