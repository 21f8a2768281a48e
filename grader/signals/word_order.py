"""Whether words stand in sentences: bare lists and shuffled texts, told by function words and neighbours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from grader.text.normalize import Span
from grader.text.tokens import FUNCTION_WORDS, Token, tokenize

_LIST_FROM = 4  # words: fewer are a short answer, not a list
_LIST_FUNCTION_SHARE = 0.13  # the banks' exemplars have a median of 0.48, their terse ones of 0.18
_LIST_INFLECTED_SHARE = 0.24  # of words in -s, -ed, -ing: telegrams have verbs, `forget gate erases state`
_KEYWORDS_INFLECTED_SHARE = 0.4  # the same for keywords, whose own forms may be inflected
_LIST_ITEMS = 3  # separated items, from which a text is itemized
_LIST_ITEM_WORDS = 1.7  # the mean length of an item that claims nothing; `forget gate erases` claims something
_LIST_LONGEST_ITEM = 4  # words: a longer item may claim something
_ITEMIZED_FUNCTION_SHARE = 0.2
_KEYWORDS_FROM = 3  # content words
_KEYWORD_SHARE = 0.85  # of content words
_ARTICLE_SHARE = 0.12  # of words, from which a sentence is made of them: lists of keywords have hardly any
_SHUFFLED_FROM = 13  # words: in fewer, word order is no evidence
_IMPOSSIBLE_SHARE = 0.15  # of impossible neighbours; exemplars have a mean of 0.005, shuffled ones a median of 0.25
_STRAY_FROM = 2  # words that stand where English never puts them, from which a text may be shuffled
_REORDERED_WORDS = 0.8  # of two texts' words that they share; exemplars share at most 0.5 with a reference
_REORDERED_PAIRS = 0.3  # of its neighbouring words; a text quoted in order shares most of them

_RELATION = re.compile(r"[=≠≡→←⇒⇐↔⇔<>≈∝≤≥∈]|-+>")  # says something of the words beside it, as a verb would
_GLOSS = re.compile(r"\w \([^()]*\w \w[^()]*\)")  # says in brackets what the word before them is
_ITEM_BREAK = re.compile(r"[,;\n•|/]|\.\s|\s[-–]\s")
_BEGINNING = re.compile(r"[.!?:;\n\"“‘'(\[•*–—-]")  # what may stand before the first word of a sentence or an item
_INFLECTED = re.compile(r"([^s]s|ed|ing)$")
_DETERMINERS = frozenset("a an the its their every each our your my his".split())
_PREPOSITIONS = frozenset("of with from into at by during between among onto within toward towards".split())
_AUXILIARIES = frozenset(
    "is are was were be been have has had can could will would may might should do does did".split()
)
_IN_PHRASES = frozenset(
    "the a and any both many few some as for one two more less most no not same all well up out off".split()
)
_ARTICLES = frozenset("a an the".split())
_SENTENCE_MAKERS = FUNCTION_WORDS - _IN_PHRASES  # a bare list has none, but for those inside its items
_NEVER_AFTER_DETERMINER = (
    _DETERMINERS
    | _AUXILIARIES
    | frozenset("of to in by with from into at and or but that it they he she we which as if because during".split())
)
_NEVER_AFTER_PREPOSITION = frozenset("of and or but is are was were be has have had can could will would may".split())


def is_word_list(text: str, tokens: Sequence[Token]) -> bool:
    """Whether a text is words without a sentence. Numbers are none: they may be all that was asked for."""
    numbers = sum(token.form[0].isdigit() for token in tokens)
    if len(tokens) < _LIST_FROM or numbers > len(tokens) / 2 or _RELATION.search(text):
        return False
    items = [words for item in _ITEM_BREAK.split(text) if (words := len(tokenize(item)))]
    plain = sum(token.form in FUNCTION_WORDS for token in tokens) / len(tokens)
    if len(items) >= _LIST_ITEMS:
        short = sum(items) / len(items) <= _LIST_ITEM_WORDS and max(items) <= _LIST_LONGEST_ITEM
        return short and plain <= _ITEMIZED_FUNCTION_SHARE
    if len(items) > 1 or ":" in text:
        return False
    return plain <= _LIST_FUNCTION_SHARE and _inflected_share(tokens) <= _LIST_INFLECTED_SHARE


def is_all_keywords(text: str, tokens: Sequence[Token], keyword_spans: Sequence[Span], told: frozenset[str]) -> bool:
    """Whether a text is a rubric's keywords and hardly anything else: no word or sign that makes a sentence of them.

    Args:
        text: the text.
        tokens: its words.
        keyword_spans: where it says keywords.
        told: the stems of the question's content words, which say nothing either.
    """
    content = [token for token in tokens if token.is_content]
    if len(content) < _KEYWORDS_FROM or _makes_sentences(text, tokens):
        return False
    inside = sum(
        token.stem in told or any(span.start <= token.start < span.end for span in keyword_spans) for token in content
    )
    return inside / len(content) >= _KEYWORD_SHARE and _inflected_share(tokens) <= _KEYWORDS_INFLECTED_SHARE


def _makes_sentences(text: str, tokens: Sequence[Token]) -> bool:
    articles = sum(token.form in _ARTICLES for token in tokens)
    made = any(token.form in _SENTENCE_MAKERS for token in tokens) or articles >= len(tokens) * _ARTICLE_SHARE
    return made or ": " in text or any(sign.search(text) for sign in (_RELATION, _GLOSS))


def _inflected_share(tokens: Sequence[Token]) -> float:
    """The share of inflected words: where there are few, there is hardly a verb."""
    return sum(bool(_INFLECTED.search(token.form)) for token in tokens) / len(tokens)


def is_shuffled(text: str, tokens: Sequence[Token], references: Sequence[Sequence[Token]]) -> bool:
    """Whether a text's words are in no English order, or are a reference's words in another order.

    Args:
        text: the text.
        tokens: its words.
        references: the words of each reference.
    """
    if len(tokens) < _SHUFFLED_FROM:
        return False
    return _has_stray_words(text, tokens) or any(_is_reordered(tokens, reference) for reference in references)


def _has_stray_words(text: str, tokens: Sequence[Token]) -> bool:
    """Whether function words stand where English never puts them: `the of`, `with and`, or `end The` in a sentence.

    Beginnings alone prove nothing: a list may be written without its marks.
    """
    named = any(len(token.form) == 1 and token.form.isalpha() and token.form not in "ai" for token in tokens)
    determiners = _DETERMINERS - {"a"} if named else _DETERMINERS  # of bulbs `a`, `b` and `c` the first is no article
    openers = [
        (a, b)
        for a, b in pairwise(tokens)
        if (a.form in determiners or a.form in _PREPOSITIONS) and not _is_acronym(text, b)
    ]
    impossible = sum(
        b.form in (_NEVER_AFTER_DETERMINER if a.form in determiners else _NEVER_AFTER_PREPOSITION) for a, b in openers
    )
    stray = impossible + sum(_is_stray_capital(text, a, b) for a, b in pairwise(tokens))
    return impossible > 0 and stray >= _STRAY_FROM and stray / len(openers) >= _IMPOSSIBLE_SHARE


def _is_acronym(text: str, token: Token) -> bool:
    """Whether a word is written in capitals: `each IS` of a network is no verb."""
    return len(token.form) > 1 and text[token.start : token.end].isupper()


def _is_stray_capital(text: str, before: Token, token: Token) -> bool:
    """Whether a function word is written like the beginning of a sentence where none begins."""
    written = text[token.start : token.end]
    capital = token.form in FUNCTION_WORDS and len(written) > 1 and written.istitle()
    return capital and not _BEGINNING.search(text, before.end, token.start)


def _is_reordered(tokens: Sequence[Token], reference: Sequence[Token]) -> bool:
    """Whether two texts have nearly the same words and hardly any stands beside the neighbour it has in the other."""
    given, wanted = [token.stem for token in tokens], [token.stem for token in reference]
    same = min(_shared(given, wanted), _shared(wanted, given)) if wanted else 0.0
    return same >= _REORDERED_WORDS and _shared(_pairs(tokens), _pairs(reference)) <= _REORDERED_PAIRS


def _pairs(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    return [(first.stem, second.stem) for first, second in pairwise(tokens)]


def _shared(given: Sequence[object], wanted: Sequence[object]) -> float:
    """The share of the given that the wanted holds, counting each as often as it stands."""
    return (Counter(given) & Counter(wanted)).total() / len(given)
