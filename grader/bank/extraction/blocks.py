"""The blocks of an answer: paragraphs, list items, tables, code, headings; and each as plain readable text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from grader.bank.extraction.inline import plain_inline, table_rows
from grader.text.tokens import FUNCTION_WORDS

_WIDE = 60  # code points: a line this long was wrapped, so its break means nothing


class Kind(StrEnum):
    """What a block is."""

    PROSE = "prose"
    ITEM = "item"
    TABLE = "table"
    CODE = "code"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; `first` and `last` count from 0; `spaced` if a blank line stands before it."""

    kind: Kind
    first: int
    last: int
    lines: tuple[str, ...]
    spaced: bool

    @property
    def text(self) -> str:
        """Its lines as written, without the space around them."""
        return "\n".join(line.strip() for line in self.lines).strip()


_ITEM = re.compile(r"^(?P<indent>\s*)(?P<mark>[-*+•◦▪●‣·–]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+(?=\S)")
_HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6})\s+(?P<text>.*)$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})[^`]*$")
_END = re.compile(r"[.!?:;…][\"”’')\]*_]*$")
_LAST_WORD = re.compile(r"([^\W\d_]+)$")


def read_blocks(lines: Sequence[str], first: int, code: frozenset[int]) -> list[Block]:
    """The blocks of some lines of a document; `first` is the place of the first line in it."""
    groups: list[tuple[Kind, bool, list[int]]] = []  # the kind, whether a blank line stands before, the places
    spaced = True
    for place, line in enumerate(lines, start=first):
        kind = Kind.CODE if place in code else _kind(line)
        if kind is None:
            spaced = True
            continue
        if groups and not spaced and _belongs(groups[-1][0], kind, line):
            groups[-1][2].append(place)
        else:
            groups.append((kind, spaced, [place]))
        spaced = False
    blocks = [
        Block(kind, places[0], places[-1], tuple(lines[place - first] for place in places), gap)
        for kind, gap, places in groups
    ]
    return list(_unbroken(blocks))


def heading_level(line: str) -> int:
    """The level (1–6) of a Markdown heading, or 0."""
    mark = _HEADING.match(line)
    return len(mark["level"]) if mark else 0


def render(blocks: Sequence[Block]) -> str:
    """Blocks as plain text: items and neighbouring lines under one another, a blank line where the document has one."""
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        text = _plain(block)
        if not text:
            continue
        if before is not None:
            together = not block.spaced or (before.kind is Kind.ITEM and block.kind is Kind.ITEM)
            parts.append("\n" if together else "\n\n")
        parts.append(text)
        before = block
    return "".join(parts).strip()


def _kind(line: str) -> Kind | None:
    if not line.strip():
        return None
    if _HEADING.match(line):
        return Kind.HEADING
    written = line.strip()
    if "\t" in written or (len(written) > 1 and written[0] == written[-1] == "|"):
        return Kind.TABLE
    return Kind.ITEM if _ITEM.match(line) else Kind.PROSE


def _belongs(above: Kind, kind: Kind, line: str) -> bool:
    """Whether a line that follows a block without a gap is part of it."""
    if above is Kind.HEADING or kind is Kind.HEADING:
        return False
    if kind is Kind.ITEM:
        return False
    if above is Kind.ITEM:  # a wrapped item goes on further in, or in the middle of a sentence
        return kind is Kind.PROSE and (line[:2].isspace() or line[:1].islower())
    return above is kind


def _unbroken(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, with paragraphs that the end of a page has cut in two made whole."""
    held: Block | None = None
    for block in blocks:
        if held is not None and held.kind is block.kind is Kind.PROSE and _is_cut(held, block):
            held = Block(Kind.PROSE, held.first, block.last, (*held.lines, *block.lines), held.spaced)
            continue
        if held is not None:
            yield held
        held = block
    if held is not None:
        yield held


def _is_cut(above: Block, below: Block) -> bool:
    end = above.lines[-1].rstrip().rstrip("*_")
    if _END.search(end) or "$$" in end or len(end) <= _WIDE // 2:
        return False
    word = _LAST_WORD.search(end)
    return below.text[0].islower() or end.endswith(",") or (word is not None and word[1].lower() in FUNCTION_WORDS)


def _plain(block: Block) -> str:
    if block.kind is Kind.CODE:
        return "\n".join(line.rstrip() for line in block.lines if not _FENCE.match(line)).strip("\n")
    if block.kind is Kind.TABLE:
        return "\n".join(" | ".join(cells) for cells in table_rows(block.lines))
    if block.kind is Kind.HEADING:
        mark = _HEADING.match(block.lines[0])
        return plain_inline(mark["text"].rstrip().rstrip("#") if mark else block.lines[0])
    if block.kind is Kind.ITEM:
        return _plain_item(block)
    return plain_inline(_joined(block.lines))


def _plain_item(block: Block) -> str:
    mark = _ITEM.match(block.lines[0])
    if mark is None:
        return plain_inline(_joined(block.lines))
    sign = mark["mark"] if mark["mark"][-1] in ".)" else "-"
    depth = "  " if len(mark["indent"].expandtabs(4)) > 3 else ""
    return f"{depth}{sign} {plain_inline(_joined((block.lines[0][mark.end() :], *block.lines[1:])))}"


def _joined(lines: Sequence[str]) -> str:
    """Lines of one paragraph; a break stays where the line above was too short to be wrapped, or ends in two spaces."""
    text = lines[0].strip()
    for above, line in pairwise(lines):
        kept = above.endswith("  ") or (len(above.strip()) < _WIDE and not _goes_on(above, line))
        text += ("\n" if kept else " ") + line.strip()
    return text


def _goes_on(above: str, line: str) -> bool:
    return line.strip()[:1].islower() and not _END.search(above.rstrip())
