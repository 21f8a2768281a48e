"""Where each word of a text stands, for looking many words up in one text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from grader.text.reading import Reading
from grader.text.tokens import Token, stem


class Place(NamedTuple):
    """A word of a reading: which sentence, and which of its tokens."""

    sentence: int
    token: int


class WordIndex:
    """The words of a reading by stem and by form; building it is linear in the text."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.matched_text = " ".join(sentence.matched_text for sentence in reading.sentences)
        self._by_stem: defaultdict[str, list[Place]] = defaultdict(list)
        self._by_form: defaultdict[str, list[Place]] = defaultdict(list)
        for number, sentence in enumerate(reading.sentences):
            for position, token in enumerate(sentence.tokens):
                self._by_stem[token.stem].append(Place(number, position))
                self._by_form[token.form].append(Place(number, position))
            for position, joined in _hyphenated(reading.text, sentence.tokens):
                self._by_stem[stem(joined)].append(Place(number, position))
        self._by_initial: defaultdict[str, list[str]] = defaultdict(list)
        for form in self._by_form:
            self._by_initial[form[0]].append(form)

    def stem_places(self, stem: str) -> list[Place]:
        """Where words of this stem stand."""
        return self._by_stem.get(stem, [])

    def form_places(self, form: str) -> list[Place]:
        """Where this very form stands."""
        return self._by_form.get(form, [])

    def forms_like(self, form: str) -> list[str]:
        """The distinct forms that begin with the same letter."""
        return self._by_initial.get(form[0], [])


def _hyphenated(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """The words that a hyphen makes of two, written as one: `multi-layer` is also `multilayer`."""
    for position, (first, second) in enumerate(pairwise(tokens)):
        if second.start == first.end + 1 and text[first.end] == "-":
            yield position, first.form + second.form
