"""Sentences and clauses of a text, with spans.

Candidates write prose, bullet lists, tables, formulas and code, often in one answer and with little punctuation; so
lines that begin like list items stand for themselves, wrapped lines are joined, and nothing is split inside brackets,
quotes of code, numbers or abbreviations.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from grader.text.normalize import Span

_ABBREVIATIONS = frozenset("e.g i.e etc vs dr mr mrs ms prof al cf approx resp esp incl viz".split())
_BEFORE_NUMBERS = frozenset("no fig eq sec ch".split())
_LIST_MARK = re.compile(r"[ \t]*(?:[-*+•>]+|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|#{1,6})[ \t]+")
_TABLE_BREAK = re.compile(r"\t+|(?:^|(?<=\s))\|(?=\s|$)", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?]{1,8}[\"')\]]{0,4}(?=\s)|;(?=\s)")
_UNDIVIDED = re.compile(r"\([^()]{0,300}\)|\[[^\[\]]{0,300}\]|\{[^{}]{0,300}\}|`[^`]{0,300}`|\$[^$]{0,300}\$")
_CONNECTIVES = "|".join(
    (
        "but whereas while because since although though however which so and or hence thus therefore then unlike"
        " instead yet"
    ).split()
)
_CLAUSE_BREAK = re.compile(
    rf",\s{{1,8}}(?=(?:{_CONNECTIVES})\b)"
    r"|\s{1,8}(?=(?:but|whereas|because|however|although)\b)"
    r"|:\s|\s–|\s-{1,3}\s|\s\|\s",
    re.IGNORECASE,
)
MIN_CLAUSE_WORDS = 3
_WORDS = re.compile(r"[^\W_]+")


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences, list items and table cells of a text, in order, without the white space and marks around them."""
    found = (sentence for block in _blocks(text) for sentence in _split(text, block, _sentence_ends(text, block)))
    return tuple(span for span in found if _WORDS.search(text, *span))


def clauses(text: str, sentence: Span) -> tuple[Span, ...]:
    """The clauses of one sentence: at least one, each with at least three words unless the sentence has fewer."""
    cuts: list[tuple[int, int]] = []
    begin = sentence.start
    for cut in _clause_breaks(text, sentence):
        if _long_enough(text, begin, cut[0]) and _long_enough(text, cut[1], sentence.end):
            cuts.append(cut)
            begin = cut[1]
    return tuple(_split(text, sentence, iter(cuts)))


def _blocks(text: str) -> Iterator[Span]:
    """Stretches that no sentence crosses: paragraphs, list items, table cells. Wrapped lines stay together."""
    begin: int | None = None
    end = 0
    for line in re.finditer(r"[^\n]+|\n(?=\n)", text):
        content, marked = _after_mark(text, line)
        if begin is not None and (marked or content >= line.end() or not _continues(text, Span(begin, end), content)):
            yield from _cells(text, begin, end)
            begin = None
        if content < line.end():
            begin = content if begin is None else begin
            end = line.end()
    if begin is not None:
        yield from _cells(text, begin, end)


def _after_mark(text: str, line: re.Match[str]) -> tuple[int, bool]:
    """Where a line's content begins, and whether a list mark stood before it."""
    mark = _LIST_MARK.match(text, line.start(), line.end())
    if mark:
        return mark.end(), True
    content = line.start() + len(line.group()) - len(line.group().lstrip())
    return content, False


def _continues(text: str, block: Span, begin: int) -> bool:
    """Whether a line that begins at `begin` goes on with the sentence that the block leaves open."""
    last = text[max(block.start, block.end - 16) : block.end].rstrip()[-1:]
    return text[begin].islower() and last not in ".!?:;"


def _cells(text: str, begin: int, end: int) -> Iterator[Span]:
    place = begin
    for mark in _TABLE_BREAK.finditer(text, begin, end):
        yield from _trimmed(text, place, mark.start())
        place = mark.end()
    yield from _trimmed(text, place, end)


def _sentence_ends(text: str, block: Span) -> Iterator[tuple[int, int]]:
    undivided = _Undivided(text, block)
    for mark in _SENTENCE_END.finditer(text, block.start, block.end):
        if not undivided.holds(mark.end()) and not _is_abbreviation(text, block.start, mark):
            yield mark.end(), mark.end()


def _clause_breaks(text: str, sentence: Span) -> Iterator[tuple[int, int]]:
    undivided = _Undivided(text, sentence)
    for mark in _CLAUSE_BREAK.finditer(text, sentence.start, sentence.end):
        if not undivided.holds(mark.start()):
            yield mark.start(), mark.end()


def _is_abbreviation(text: str, begin: int, mark: re.Match[str]) -> bool:
    if mark.group()[0] != ".":
        return False
    word = re.split(r"[\s(]", text[max(begin, mark.start() - 12) : mark.start()])[-1].lower()
    following = text[mark.end() : mark.end() + 3].lstrip()[:1]
    if word == "etc":  # ends a sentence when a capital follows
        return not following.isupper()
    if word in _BEFORE_NUMBERS:
        return following.isdigit()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word not in "aixyz")


class _Undivided:
    """The stretches that stay whole: brackets, code, formulas. A bracket that never closes holds nothing together."""

    def __init__(self, text: str, stretch: Span) -> None:
        self._spans = [Span(*match.span()) for match in _UNDIVIDED.finditer(text, *stretch)]
        self._ends = [span.end for span in self._spans]

    def holds(self, place: int) -> bool:
        index = bisect_right(self._ends, place)
        return index < len(self._spans) and self._spans[index].start <= place


def _split(text: str, whole: Span, cuts: Iterator[tuple[int, int]]) -> Iterator[Span]:
    begin = whole.start
    for end, following in cuts:
        yield from _trimmed(text, begin, end)
        begin = following
    yield from _trimmed(text, begin, whole.end)


def _trimmed(text: str, begin: int, end: int) -> Iterator[Span]:
    stretch = text[begin:end]
    start = begin + len(stretch) - len(stretch.lstrip())
    stop = begin + len(stretch.rstrip())
    if start < stop:
        yield Span(start, stop)


def _long_enough(text: str, begin: int, end: int) -> bool:
    return len(list(islice(_WORDS.finditer(text, begin, end), MIN_CLAUSE_WORDS))) == MIN_CLAUSE_WORDS
