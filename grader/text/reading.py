"""A text as the grader reads it: sentences, their clauses, their words and what is denied of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from grader.text import clauses as clause_rules
from grader.text.negation import Polarity, polarities
from grader.text.normalize import Normalized, Span, normalize
from grader.text.taking_back import TakenBack, taken_back
from grader.text.tokens import Token, tokenize


@dataclass(frozen=True)
class Sentence:
    """One sentence, list item or table cell; spans are in the text read; one polarity for each token."""

    text: str
    span: Span
    clauses: tuple[Span, ...]
    tokens: tuple[Token, ...]
    polarities: tuple[Polarity, ...]

    @cached_property
    def matched_text(self) -> str:
        """The sentence in lower case, of the same length: its wrapped lines joined: what patterns are matched on."""
        return "".join(c.lower() if len(c.lower()) == 1 else c for c in self.text.replace("\n", " "))


@dataclass(frozen=True)
class Reading:
    """A text and its sentences, in order."""

    normalized: Normalized
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The text read (not the text written)."""
        return self.normalized.text

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Every word, in order."""
        return tuple(token for sentence in self.sentences for token in sentence.tokens)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all its words."""
        return frozenset(token.stem for token in self.tokens)

    @cached_property
    def content_stems(self) -> frozenset[str]:
        """The stems of its content words."""
        return frozenset(token.stem for token in self.tokens if token.is_content)


def read(written: str) -> Reading:
    """Read a text: linear in its length."""
    normalized = normalize(written)
    text = normalized.text
    sentences: list[Sentence] = []
    for span in clause_rules.sentences(text):
        sentence = _sentence(text, span)
        back = taken_back(sentence.tokens)
        first = {TakenBack.ALL: 0, TakenBack.SENTENCE: max(0, len(sentences) - 1)}.get(back, len(sentences))
        sentences[first:] = [_turned(one) for one in sentences[first:]]
        sentences.append(sentence)
    return Reading(normalized, tuple(sentences))


def _sentence(text: str, span: Span) -> Sentence:
    clauses = clause_rules.clauses(text, span)
    tokens = tokenize(text, *span)
    return Sentence(text[span.start : span.end], span, clauses, tokens, polarities(text, tokens, clauses))


def _turned(sentence: Sentence) -> Sentence:
    """A sentence that is taken back."""
    return replace(sentence, polarities=tuple(polarity.turned for polarity in sentence.polarities))
