"""HTML to text that a person can read: paragraphs, lists and code stay, styles go."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import Tag
from markdownify import ATX, MarkdownConverter

_STYLES = "a abbr b cite del em font i ins kbd mark s small span strong u".split()
_TAG = re.compile(r"</[a-z][a-z0-9]*>|<(?:br|p|img|li)\b[^<>]*>", re.IGNORECASE)


class _Readable(MarkdownConverter):
    """Markdown without escapes or emphasis: text to be read by people and by the grader alike."""

    def convert_br(self, _el: Tag, _text: str, **_context: object) -> str:
        return "\n"

    def convert_img(self, el: Tag, _text: str, **_context: object) -> str:
        name = el.get("alt") or str(el.get("src") or "").rpartition("/")[2] or "unnamed"
        return f"[picture: {name}]"

    def convert_sup(self, _el: Tag, text: str, **_context: object) -> str:
        return f"^{text}"

    def convert_sub(self, _el: Tag, text: str, **_context: object) -> str:
        return f"_{text}"


_CONVERTER = _Readable(
    heading_style=ATX, bullets="-", strip=_STYLES, escape_asterisks=False, escape_underscores=False, escape_misc=False
)


def parse_html(markup: str) -> BeautifulSoup:
    """The markup as a tree; never fails, as browsers do not."""
    return BeautifulSoup(f"<body>{markup}</body>", "html.parser")


def readable(html: str | Tag) -> str:
    """The text of HTML: markup as a string, or a part of a tree.

    Raises:
        ValueError: it is nested beyond all sense.
    """
    try:
        tree: Any = parse_html(html) if isinstance(html, str) else html
        text: str = _CONVERTER.convert_soup(tree)
    except RecursionError as error:
        raise ValueError("its HTML is nested too deeply") from error
    lines = (line.rstrip() for line in text.replace("\u00a0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def readable_text(text: str, text_format: str) -> str:
    """A text of one of Moodle's formats: `html` is converted, `moodle_auto_format` if it has tags; others stay."""
    if text_format == "html" or (text_format in ("moodle", "moodle_auto_format") and _TAG.search(text)):
        return readable(text)
    return text.strip()
