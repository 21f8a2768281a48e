"""Markdown inside a paragraph or a table, as plain text: read by markdown-it, never by ourselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

_FORMATTING = frozenset(
    """
    a abbr b big br center cite code del div em font i img ins kbd mark p q s small span strike strong sub sup tt u
    """.split()
)
_EMPTY = "–"
_TAG_END = " \t\n/>"


def plain_inline(text: str) -> str:
    """A paragraph without its markup: emphasis, links, code marks and formatting tags go, formulas stay as written.

    A star behind a letter or digit is a sign of multiplication and stays; a tag that formats nothing (`List<String>`)
    stays as well.
    """
    children = _markdown().parseInline(text)[0].children or []
    return "".join(_told(children)).strip()


def table_rows(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """The rows of a table, cell by cell, without rows that hold nothing and without the empty cells at a row's end.

    Another empty cell is told as a dash. Rows are a Markdown table, or lines with tabs between their cells.
    """
    tokens = _markdown().parse("\n".join(line.strip() for line in lines))
    if tokens and tokens[0].type == "table_open":
        rows = list(_markdown_rows(tokens))
    else:
        rows = [tuple(plain_inline(cell) for cell in _cells(line)) for line in lines]
    return [_trimmed(row) for row in rows if any(row)]


def _trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    width = max(place for place, cell in enumerate(row, start=1) if cell)
    return tuple(cell or _EMPTY for cell in row[:width])


def _cells(line: str) -> list[str]:
    if "\t" in line.strip():
        return line.strip("\n").split("\t")
    return line.strip().strip("|").split("|")


def _markdown_rows(tokens: Sequence[Token]) -> Iterator[tuple[str, ...]]:
    row: list[str] = []
    for token in tokens:
        if token.type == "inline":
            row.append("".join(_told(token.children or [])).strip())
        elif token.type == "tr_close":
            yield tuple(row)
            row = []


def _told(tokens: Sequence[Token]) -> Iterator[str]:
    last = ""
    open_signs: list[bool] = []  # for each emphasis that is open, whether its marks are signs that stay
    for token in tokens:
        told = _content(token)
        if token.type in ("em_open", "strong_open"):
            open_signs.append(last[-1:].isalnum())
            told = token.markup if open_signs[-1] else ""
        elif token.type in ("em_close", "strong_close"):
            told = token.markup if open_signs.pop() else ""
        last = told or last
        yield told


def _content(token: Token) -> str:
    if token.type == "math_inline":
        return f"${token.content}$"
    if token.type == "math_inline_double":
        return f"$${token.content}$$"
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "html_inline":
        return "" if _formats(token.content) else token.content
    if token.type in ("text", "text_special", "code_inline"):
        return token.content.replace("\u00a0", " ")
    return ""  # images, and the ends of links


def _formats(tag: str) -> bool:
    name = tag.strip("</")
    for sign in _TAG_END:
        name = name.split(sign, 1)[0]
    return name.lower() in _FORMATTING or tag.startswith("<!--")


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True}).enable("table")
    return made.use(dollarmath_plugin, allow_space=True, allow_digits=False, double_inline=True)
