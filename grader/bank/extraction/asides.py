"""What stands in an answer and is none: captions, chart labels, headings of what follows, advertisements, endings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.bank.extraction.blocks import Block, Kind, heading_level
from grader.bank.extraction.inline import plain_inline, table_rows
from grader.bank.extraction.marks import Start, asks
from grader.text.clauses import sentences

_CAPTION_WORDS = 14
_LABEL_WORDS = 4
_TITLE_WORDS = 12

_SECTION = re.compile(
    r"^(?:part|unit|section|chapter|module|appendix|lesson|level|topic)\s+(?:\d{1,3}|[ivxlc]{1,5}|[a-z])\b[^.?!]*$",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"^(?:summary|conclusions?|references|bibliography|further reading|related (?:posts|articles|links)|the end|"
    r"about the authors?|\d+ comments?|(?:post|leave) a comment|comments|acknowledge?ments|table of contents|"
    r"(?:you've|you have) reached the end|that's (?:all|it)|thank(?:s| you) for reading|congratulations on)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"^(?:fig(?:ure)?|image|diagram|chart|graph|plot|illustration|photo|source|credit)s?\.?\s*\d*\s*[:.–-]\s"
    r"|^(?:visuali[sz]ing|illustrating|depicting|picturing)\b",
    re.IGNORECASE,
)
# a noun phrase that names a picture and states nothing: what follows the noun is a preposition, or nothing
_PICTURE = re.compile(
    r"^(?:an?|the)\s(?:[\w+-]+\s){0,6}?(?:structure|pipeline|diagram|architecture|illustration|visuali[sz]ation|plot|graph|"
    r"chart|schematic|flowchart|figure|layout|drawing|sketch|screenshot|view)(?:\s(?:of|for|with|in|on|between|from)\s"
    r"[^.]*)?\.?$",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|could|will|would|may|might|must|do|does|did|should)\b",
    re.IGNORECASE,
)
# sentences to the reader about the document, its questions or the interview, not about the subject
_TO_READER = re.compile(
    r"^(?:next up|up next)\b"
    r"|^(?:let us|let's|we will|we'll|now)\b.{0,60}\b(?:check out|look at|take a look|move on)\b.{0,80}\bquestions?\b"
    r"|\b(?:let us|let's)\b.{0,40}\blook (?:further|at|into)\b.{0,80}\b(?:questions?|topic)\b"
    r"|\bnext set of\b.{0,60}\bquestions\b"
    r"|\bwe will (?:check out|look at|see|cover)\b.{0,80}\bquestions\b"
    r"|^this question is\b|^this is a (?:duplicate|repeat|repetition) of\b"
    r"|^these (?:[\w-]+ ){0,4}questions (?:must|should|are|will|can)\b"
    r"|^these are (?:some of )?the\b.{0,80}\bquestions\b"
    r"|\bmake sure (?:to|you|that you) (?:answer|understand|revisit|check|read|practi[cs]e|prepare|remember)\b"
    r"|\bcheck out (?:our|my|this)\b|\b(?:subscribe|sign up|enrol|enroll) (?:to|for|in|now|today|here)\b"
    r"|^(?:buy|order|pre-?order|purchase|download|grab|join) (?:our|my|this|the (?:full|complete))\b.{0,60}"
    r"\b(?:course|e-?book|book|guide|pdf|app|bundle|newsletter|channel|community|bootcamp)\b"
    r"|\b\d{1,3} ?% off\b|\blimited[- ]time offer\b|\buse (?:the )?(?:coupon|promo|discount) code\b"
    r"|^(?:advertisements?|sponsored(?: content| post)?)$"
    r"|^thank(?:s| you)(?: all)? for (?:reading|watching|visiting)\b"
    r"|\bfollow (?:us|me) on\b|\bshare (?:it|this|the) \w+ ?with\b|\bclick (?:here|the link)\b"
    r"|\bif (?:you )?(?:found|liked|enjoyed) this\b.{0,40}\b(?:guide|article|post|blog|video|helpful|useful)\b"
    r"|\bin (?:this|the next) (?:article|blog|post|tutorial|section)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of an answer's blocks, and for each thing left out that could have been part of it, why."""

    blocks: tuple[Block, ...]
    doubts: tuple[str, ...]


def clean(blocks: Sequence[Block], question: Start, *, last: bool) -> Cleaned:
    """An answer without what is none; `last` if no question follows it.

    Nothing is taken that would leave no answer.
    """
    doubts: list[str] = []
    kept = _until_end(list(blocks), question, last, doubts)
    kept = _without_trailing_title(kept, last)
    kept = _without_captions(kept, doubts)
    kept = _without_asides(kept, doubts)
    return Cleaned(tuple(kept), tuple(doubts))


def lines_told(first: int, last: int) -> str:
    """Lines of a document, counted from 0, as people count them: `line 7`, `lines 7–9`."""
    return f"line {first + 1}" if first == last else f"lines {first + 1}–{last + 1}"


def _until_end(blocks: list[Block], question: Start, last: bool, doubts: list[str]) -> list[Block]:
    for place, block in enumerate(blocks):
        if place and _ends_answer(block, question, last):
            if place + 1 < len(blocks):
                title = " ".join(plain_inline(block.text.lstrip("#")).split())[:60]
                where = lines_told(block.first, blocks[-1].last)
                doubts.append(f"{where}, from “{title}” on, left out: not read as part of the answer")
            return blocks[:place]
    return blocks


def _ends_answer(block: Block, question: Start, last: bool) -> bool:
    if block.kind is Kind.HEADING:
        level = heading_level(block.lines[0])
        if level <= (question.level or 2) and not asks(block.text.lstrip("# ")):
            return True
    elif block.kind is not Kind.PROSE or len(block.lines) > 1:
        return False
    title = plain_inline(block.text.lstrip("# "))
    short = len(title.split()) <= _TITLE_WORDS
    return short and bool(_SECTION.match(title) or (last and _ENDING.match(title)))


def _without_trailing_title(blocks: list[Block], last: bool) -> list[Block]:
    """Without a heading of what follows: a heading, a bold line, or a few words about questions."""
    while len(blocks) > 1 and not last and _is_title(blocks[-1]):
        blocks = blocks[:-1]
    return blocks


def _is_title(block: Block) -> bool:
    if block.kind is Kind.HEADING:
        return True
    if block.kind is not Kind.PROSE or len(block.lines) > 1 or not block.spaced:
        return False
    written, title = block.text, plain_inline(block.text)
    if not title or len(title.split()) > _TITLE_WORDS or title[-1] in ".!?:;,":
        return False
    bold = written.startswith(("**", "__")) and written.endswith(("**", "__")) and len(written) == len(title) + 4
    return bold or bool(re.search(r"\bquestions$", title, re.IGNORECASE))


def _without_captions(blocks: list[Block], doubts: list[str]) -> list[Block]:
    kept: list[Block] = []
    for block in blocks:
        if kept and block.spaced and _is_caption(block):
            labels = _labels_above(kept)
            kept = kept[: len(kept) - len(labels)]
            first = labels[0].first if labels else block.first
            what = "a caption and the labels of its figure" if labels else "a caption"
            doubts.append(f"{lines_told(first, block.last)} left out as {what}")
        elif block.kind is Kind.TABLE:
            kept.extend(_without_picture_rows(block, doubts))
        else:
            kept.append(block)
    return kept


def _is_caption(block: Block) -> bool:
    """Whether a block is a caption, with or without its picture."""
    told = [text for line in block.lines if (text := plain_inline(line.strip()))]
    if block.kind is not Kind.PROSE or len(told) != 1 or len(told[0].split()) > _CAPTION_WORDS:
        return False
    text = told[0]
    return bool(_FIGURE.match(text) or (_PICTURE.match(text) and not _STATES.search(text)))


def _labels_above(blocks: Sequence[Block]) -> list[Block]:
    """The labels of a figure: two or more lines of a few words above its caption, and never a whole answer."""
    labels: list[Block] = []
    for block in reversed(blocks[1:]):
        if block.kind is not Kind.PROSE or not all(_is_label(line) for line in block.lines):
            break
        labels.insert(0, block)
    return labels if sum(len(block.lines) for block in labels) > 1 else []


def _is_label(line: str) -> bool:
    text = line.strip()
    return text == "..." or (len(text.split()) <= _LABEL_WORDS and not re.search(r"[.:;!?,]$|[$`=]", text))


def _without_picture_rows(block: Block, doubts: list[str]) -> list[Block]:
    """A table without rows whose every cell ends in a colon: they introduce pictures that are not there."""
    kept: list[str] = []
    for place, line in enumerate(block.lines):
        rows = table_rows([line])
        if place and len(rows) == 1 and len(rows[0]) > 1 and all(cell.endswith(":") for cell in rows[0]):
            doubts.append(f"{lines_told(block.first + place, block.first + place)} left out as a caption")
        else:
            kept.append(line)
    last = block.last - (len(block.lines) - len(kept))
    return [replace(block, lines=tuple(kept), last=last)]


def _without_asides(blocks: list[Block], doubts: list[str]) -> list[Block]:
    kept: list[Block] = []
    left = len(blocks)
    for block in blocks:
        left -= 1
        text = _without_aside_sentences(block) if block.kind is Kind.PROSE else block.text
        if text == block.text:
            kept.append(block)
            continue
        if not text and not kept and not left:
            kept.append(block)  # it is all there is
            doubts.append(f"{lines_told(block.first, block.last)} may speak of the document, not of the subject")
            continue
        doubts.append(f"{lines_told(block.first, block.last)}: a remark to the reader left out")
        if text:
            kept.append(replace(block, lines=tuple(text.split("\n"))))
    return kept


def _without_aside_sentences(block: Block) -> str:
    text = block.text
    spans = sentences(text)
    remarks = [bool(_TO_READER.search(plain_inline(text[span.start : span.end]))) for span in spans]
    if not any(remarks):
        return text
    parts = [text[span.start : span.end] for span, remark in zip(spans, remarks, strict=True) if not remark]
    return " ".join(parts)
