"""Antonyms: the words that say the opposite of a word, and their comparatives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from grader.text.tokens import stem

_COMPARED_UP_TO = 6  # letters: longer words are compared by `more` and `most`
_DOUBLED = re.compile(r"[^aeiou][aeiou][bdgmnpt]$")


def antonyms(word_stem: str) -> frozenset[str]:
    """The stems of the words that say the opposite of the words with a stem; empty where none is known."""
    return _by_stem().get(word_stem, frozenset())


@cache
def _by_stem() -> Mapping[str, frozenset[str]]:
    """The antonyms of `antonyms.txt`, both ways."""
    found = defaultdict[str, set[str]](set)
    for line in resources.files("grader.text").joinpath("antonyms.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            for one, other in _compared(*line.split()):
                found[stem(one)].add(stem(other))
                found[stem(other)].add(stem(one))
    return {word: frozenset(others - {word}) for word, others in found.items()}  # some have one stem for both


def _compared(one: str, other: str) -> Iterator[tuple[str, str]]:
    """A pair as it is and, of short words, in both degrees of comparison: forms that no one writes do no harm."""
    yield one, other
    if max(len(one), len(other)) <= _COMPARED_UP_TO:
        yield from ((_degree(one, ending), _degree(other, ending)) for ending in ("er", "est"))


def _degree(word: str, ending: str) -> str:
    if word.endswith("e"):
        return word[:-1] + ending
    if word.endswith("y"):
        return f"{word[:-1]}i{ending}"
    return word + (word[-1] if _DOUBLED.search(word) else "") + ending
