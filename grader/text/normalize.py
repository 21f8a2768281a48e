"""What is read of a text, and where each code point of it stands in what was written.

Compatibility forms (ﬁ, Ａ, ²) become plain, typographic quotes and dashes become ASCII, every white space but the line
break becomes a space, and format characters that a reader cannot see (zero-width, bidirectional controls, soft
hyphens) are left out. Nothing is lost: every code point read remembers the one written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒−", "-"),
        **dict.fromkeys("–—―", "–"),
        **dict.fromkeys("•◦▪●‣⁃∙·", "•"),
    }
)
_LINE_BREAKS = frozenset("\n\r\v\f\x85\u2028\u2029")
_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_JOINERS = frozenset({"\u200d", "\ufe0e", "\ufe0f"})  # emoji are made with these: no reader misses them
_CLUSTER = re.compile(r"\r\n|[^\W\d_][\u0300-\u036f]+|.", re.DOTALL)


class Span(NamedTuple):
    """Code points [start, end) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Normalized:
    """`text` as read; `origins[i]` is the span of `written` that gave the code point `text[i]`."""

    written: str
    text: str
    origins: tuple[Span, ...] | None  # None: the two are code point for code point the same
    unseen: int  # how many invisible code points were left out

    def written_span(self, span: Span) -> Span:
        """The span of the written text that gave a (non-empty) span of the text read."""
        if self.origins is None:
            return span
        return Span(self.origins[span.start].start, self.origins[span.end - 1].end)


def normalize(written: str) -> Normalized:
    """Read a text; the length of the result may differ from the length of what was written."""
    if written.isascii() and written.isprintable():
        return Normalized(written, written, None, 0)
    characters: list[str] = []
    origins: list[Span] = []
    unseen = 0
    for match in _CLUSTER.finditer(written):
        read = _read_cluster(match.group())
        unseen += not read and match.group() not in _JOINERS
        characters.append(read)
        origins.extend([Span(*match.span())] * len(read))
    return Normalized(written, "".join(characters), tuple(origins), unseen)


def _read_cluster(cluster: str) -> str:
    """What is read of one code point, or of a letter with the combining marks that follow it, or of a line break."""
    if cluster[0] in _LINE_BREAKS:
        return "\n"
    if cluster == "\t" or (cluster.isascii() and cluster.isprintable()):
        return cluster
    if cluster.isspace():
        return " "
    if unicodedata.category(cluster[0]) in _UNSEEN or cluster in _JOINERS:
        return ""
    return unicodedata.normalize("NFKC", cluster.translate(_PLAIN)).translate(_PLAIN)
