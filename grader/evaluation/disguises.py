"""Changes to an answer that a reader hardly sees or that say nothing: padding, and characters that hide."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from grader.text.reading import read

_PADDING = """
really truly very extremely remarkably fundamentally significantly effectively clearly highly inherently essentially
important robust powerful optimal comprehensive sophisticated crucial elegant notable substantial
""".split()
_PADDED_SHARE = 0.35
_UNSEEN = "\u200b\u200c\u2060\ufeff"
_LOOKALIKES = str.maketrans("aceiopxyACEHKMOPTX", "асеіорхуАСЕНКМОРТХ")
_DISGUISED_SHARE = 0.5
_EMBED_RTL, _OVERRIDE_RTL, _END = "\u202b", "\u202e", "\u202c"
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def padded(chance: Random, text: str) -> str:
    """The text with empty adverbs and adjectives before about a third of its content words, and at least one."""
    read_text = read(text)
    places = [token.start for token in read_text.tokens if token.is_content]
    chosen = {place for place in places if chance.random() < _PADDED_SHARE} or set(places[:1])
    parts, last = [], 0
    for place in sorted(chosen):
        parts += [read_text.text[last:place], chance.choice(_PADDING), " "]
        last = place
    return "".join((*parts, read_text.text[last:]))


def with_zero_width(chance: Random, text: str) -> str:
    """The text with a character of no width inside half of its longer words, and at least one."""

    def split(match: re.Match[str]) -> str:
        word, place = match.group(), chance.randrange(1, len(match.group()))
        return word[:place] + chance.choice(_UNSEEN) + word[place:]

    return _in_some_words(chance, text, split)


def with_lookalikes(chance: Random, text: str) -> str:
    """The text with the Latin letters of half of its longer words replaced by Cyrillic ones of the same look."""
    return _in_some_words(chance, text, lambda match: match.group().translate(_LOOKALIKES))


def embedded_right_to_left(_chance: Random, text: str) -> str:
    """The text inside a right-to-left embedding: the order of characters is not changed."""
    return f"{_EMBED_RTL}{text}{_END}"


def reversed_for_display(_chance: Random, text: str) -> str:
    """The text backwards inside a right-to-left override, which shows it the right way round."""
    return f"{_OVERRIDE_RTL}{text[::-1]}{_END}"


def _in_some_words(chance: Random, text: str, change: Callable[[re.Match[str]], str]) -> str:
    words = list(_LONG_WORD.finditer(text))
    chosen = {match.start() for match in words if chance.random() < _DISGUISED_SHARE}
    chosen = chosen or {match.start() for match in words[:1]}
    return _LONG_WORD.sub(lambda match: change(match) if match.start() in chosen else match.group(), text)
