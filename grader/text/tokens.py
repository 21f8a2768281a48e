"""Words of a text with their places, stems and kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from grader.text.normalize import Span

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:'[^\W_]+)*")
_BRITISH = re.compile(r"(?<=[a-z]{3})is(?=(?:e[drs]?|ing|ation|ations|able|er|ers)$)")
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}
_IRREGULAR = {"data": "datum", "layers": "layer", "matrices": "matrix", "vertices": "vertex", "indices": "index"}

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those some any each every all both either neither no such same other another its their
    his her our your my whose i you he she it we they me him us them itself themselves one's what which who whom
    and or but nor so yet for if because since although though while whereas unless until when where whenever than as
    of in on at by to from with without into onto over under between among through during before after about above
    below against within per via across along around behind beyond out up down off upon towards toward like
    is are was were be been being am has have had having do does did doing can could may might must shall should will
    would not n't cannot can't don't doesn't isn't aren't won't wasn't weren't it's that's there here then thus hence
    therefore however also too very just only even more most less least much many few well quite rather really there's
    how why whether s t re ve ll d m
    """.split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its span in the text read, its lower-case form and its stem."""

    start: int
    end: int
    form: str
    stem: str

    @property
    def span(self) -> Span:
        """Where it stands in the text read."""
        return Span(self.start, self.end)

    @property
    def is_content(self) -> bool:
        """Whether it carries meaning of its own (not a function word)."""
        return self.form not in FUNCTION_WORDS


def tokenize(text: str, start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """The words of `text[start:end]`, in order, with offsets into `text`."""
    matches = _WORD.finditer(text, start, len(text) if end is None else end)
    return tuple(_token(match) for match in matches)


def _token(match: re.Match[str]) -> Token:
    form = match.group().lower()
    return Token(match.start(), match.end(), form, stem(form))


@lru_cache(maxsize=65_536)
def stem(form: str) -> str:
    """The stem of a lower-case word: Snowball's English stemmer over one spelling of -ise/-ize and of small numbers."""
    form = form.removesuffix("'s")
    if form[0].isdigit():
        return form.replace(",", "")
    if form in _NUMBERS:
        return _NUMBERS[form]
    form = _IRREGULAR.get(form, form)
    american = _BRITISH.sub("iz", form).replace("colour", "color").replace("neighbour", "neighbor")
    american = american.replace("behaviour", "behavior").replace("modell", "model").replace("labell", "label")
    return str(_STEMMER.stemWord(american))


_STEMMER = snowballstemmer.stemmer("english")
