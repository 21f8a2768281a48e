"""Enumerations: words in a row that name things and say nothing of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from grader.text.normalize import Span
from grader.text.reading import Reading, Sentence
from grader.text.tokens import FUNCTION_WORDS, Token

_ITEMS_FROM = 4  # in a row: fewer are said in passing
_ITEM_WORDS, _MEAN_ITEM_WORDS = 3, 1.8  # longer items may claim something: `feed a sample, compute the output`
_JOINING = frozenset("and or".split())
_SEPARATOR = re.compile(r"[,/]")
_IN_NAMES = frozenset(
    "of to in by at for as on one two many few some any all both more less most no not same well up out off".split()
)  # function words inside names of things
_SENTENCE_MAKERS = FUNCTION_WORDS - _IN_NAMES
_LEADING = 2  # words of a sentence's beginning that may be its first item: `it involves gradients, …`

_SHARE = 0.5  # of the keywords that an answer says: from here on it rather names them than speaks of them
_BESIDE_FROM = 3  # words outside: a bare list is another matter (`grader.signals.word_order`)


def enumerated(text: Reading) -> tuple[Span, ...]:
    """Where a text enumerates."""
    return tuple(span for sentence in text.sentences for span in _in_sentence(text.text, sentence))


def enumerated_stems(texts: Iterable[Reading]) -> frozenset[str]:
    """The stems of all words that texts enumerate."""
    spans = ((text, span) for text in texts for span in enumerated(text))
    return frozenset(stem for text, span in spans for stem in _stems(text, span))


def only_enumerates(answer: Reading, keyword_spans: Sequence[Span], allowed: frozenset[str]) -> bool:
    """Whether an answer, besides other words, only enumerates most of the keywords that it says.

    Args:
        answer: the answer.
        keyword_spans: where it says keywords.
        allowed: the stems of words that right answers enumerate too.
    """
    spans = enumerated(answer)
    outside = sum(not _is_inside(token.start, spans) for token in answer.tokens)
    if not keyword_spans or outside < _BESIDE_FROM:
        return False
    listed = sum(
        _is_inside(keyword.start, spans) and not _stems(answer, keyword) <= allowed for keyword in keyword_spans
    )
    return listed / len(keyword_spans) >= _SHARE


def _in_sentence(text: str, sentence: Sentence) -> Iterable[Span]:
    items = list(_items(text, sentence.tokens))
    first = 0
    while first < len(items):
        last = first
        while last < len(items) and _is_name(items[last]):
            last += 1
        led = _end_of(items[first - 1]) if first else []
        names = [led] * bool(led) + items[first:last]
        if len(names) >= _ITEMS_FROM and sum(map(len, names)) <= len(names) * _MEAN_ITEM_WORDS:
            yield Span(names[0][0].start, names[-1][-1].end)
        first = max(last, first + 1)


def _items(text: str, tokens: Sequence[Token]) -> Iterable[Sequence[Token]]:
    item: list[Token] = []
    end = tokens[0].start if tokens else 0
    for token in tokens:
        joins = token.form in _JOINING
        if item and (joins or _SEPARATOR.search(text, end, token.start)):
            yield item
            item = []
        if not joins:
            item.append(token)
        end = token.end
    if item:
        yield item


def _is_name(item: Sequence[Token]) -> bool:
    return len(item) <= _ITEM_WORDS and not any(token.form in _SENTENCE_MAKERS for token in item)


def _end_of(item: Sequence[Token]) -> list[Token]:
    """The last words of an item that is no name: those after the last word that makes a sentence."""
    makers = [place for place, token in enumerate(item) if token.form in _SENTENCE_MAKERS]
    return list(item[max(makers[-1] + 1 if makers else 0, len(item) - _LEADING) :])


def _is_inside(place: int, spans: Iterable[Span]) -> bool:
    return any(span.start <= place < span.end for span in spans)


def _stems(text: Reading, span: Span) -> frozenset[str]:
    return frozenset(token.stem for token in text.tokens if span.start <= token.start < span.end)
