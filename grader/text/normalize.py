"""What is read of a text, and where each code point of it stands in what was written.

Compatibility forms (ﬁ, Ａ, ²) become plain, typographic quotes and dashes become ASCII, every white space but the line
break becomes a space, and format characters that a reader cannot see (zero-width, bidirectional controls, soft
hyphens) are left out. Nothing is lost: every code point read remembers the one written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒−", "-"),
        **dict.fromkeys("–—―", "–"),
        **dict.fromkeys("•◦▪●‣⁃∙·", "•"),
    }
)
_LINE_BREAKS = frozenset("\n\r\v\f\x85\u2028\u2029")
_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


class Span(NamedTuple):
    """Code points [start, end) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Normalized:
    """`text` as read; `origins[i]` is the index in `written` of the code point that gave `text[i]`."""

    written: str
    text: str
    origins: tuple[int, ...] | None  # None: the two are code point for code point the same
    unseen: int  # how many invisible code points were left out

    def written_span(self, span: Span) -> Span:
        """The span of the written text that gave a (non-empty) span of the text read."""
        if self.origins is None:
            return span
        return Span(self.origins[span.start], self.origins[span.end - 1] + 1)


def normalize(written: str) -> Normalized:
    """Read a text; the length of the result may differ from the length of what was written."""
    if written.isascii() and written.isprintable():
        return Normalized(written, written, None, 0)
    characters: list[str] = []
    origins: list[int] = []
    unseen = 0
    for place, character in enumerate(written):
        read = _read_character(character)
        unseen += not read
        characters.extend(read)
        origins.extend([place] * len(read))
    return Normalized(written, "".join(characters), tuple(origins), unseen)


def _read_character(character: str) -> str:
    if character in _LINE_BREAKS:
        return "\n"
    if character.isascii() and character.isprintable():
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) in _UNSEEN or ord(character) in _VARIATION_SELECTORS:
        return ""
    return unicodedata.normalize("NFKC", character.translate(_PLAIN)).translate(_PLAIN)
