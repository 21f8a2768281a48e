"""Which of the lines that may begin a question do so.

An answer may hold numbered lists, and a document a table of contents with every question in it. Each candidate has a
weight for what speaks for it, and numbers that follow one another speak for each other; the questions are the chain of
candidates of the greatest sum. The constants are in units of "it reads as a question".
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.bank.extraction.marks import INDENTED, Dress, Start, Style, answers_itself, asks

_ASKS = 1.0
_NO_BODY = -2.0  # nothing follows it: an entry of a table of contents, or of a list
_AFTER_BLANK, _TIGHT = 0.5, -0.5  # the items of a list stand close
_DRESSED = 0.5  # a heading, or bold
_INDENTED = -1.5
_ODD_DRESS = -0.5  # dressed otherwise than most
_ODD_LEVEL = -2.0  # a heading of another level than most, where headings alone mark questions
_REPEATED = -3.0  # stands again further down: a table of contents
_JUMP = 1.0  # what it costs that a number is not the one after the number before
_LEAST = 0.5  # a single line that only ends in a question mark makes no bank
_STYLES = {Style.NAMED: 1.5, Style.LETTER: 1.5, Style.TERM: 0.5, Style.BOLD: -0.25, Style.BARE: -1.0}


@dataclass(frozen=True, slots=True)
class _Link:
    """A chain that ends at a candidate: its weight, and the candidate before."""

    weight: float
    last: int
    before: _Link | None


def choose_questions(starts: Sequence[Start], lines: Sequence[str]) -> tuple[Start, ...]:
    """The candidates that begin questions, in order; empty if none does.

    All are of one style: that whose chain weighs most.
    """
    best: tuple[float, tuple[Start, ...]] = (_LEAST, ())
    for style in Style:
        ours = [start for start in starts if start.style is style]
        weight, chain = _chain(ours, _weights(ours, lines))
        if weight > best[0]:
            best = weight, chain
    return best[1]


def _weights(starts: Sequence[Start], lines: Sequence[str]) -> list[float]:
    asking = [start for start in starts if asks(start.text)] or starts
    dresses = Counter(start.dress for start in asking)
    levels = Counter(start.level for start in asking)
    usual_dress = dresses.most_common(1)[0][0] if dresses else None
    usual_level = levels.most_common(1)[0][0] if levels else None
    bodies = _have_bodies(starts, lines)
    repeated = _repeated(starts, bodies)
    found = []
    for place, start in enumerate(starts):
        weight = _own_weight(start, lines) + (0.0 if bodies[place] else _NO_BODY)
        weight += _REPEATED * repeated[place] + _ODD_DRESS * (start.dress is not usual_dress)
        weight += _ODD_LEVEL * (start.style is Style.HEADING and start.level != usual_level)
        found.append(weight)
    return found


def _own_weight(start: Start, lines: Sequence[str]) -> float:
    dressed = start.dress is not Dress.PLAIN
    weight = _STYLES.get(start.style, 0.0) + _DRESSED * dressed
    if asks(start.text) or start.style in (Style.NAMED, Style.LETTER):
        weight += _ASKS
    else:
        weight -= _ASKS / 2 if dressed else _ASKS
    alone = start.line == 0 or not lines[start.line - 1].strip() or lines[start.line - 1].lstrip().startswith("#")
    weight += _AFTER_BLANK if alone else _TIGHT
    return weight + _INDENTED * (start.indent >= INDENTED)


def _have_bodies(starts: Sequence[Start], lines: Sequence[str]) -> list[bool]:
    """Whether anything stands between each candidate and the next one that asks; what asks not may be its list."""
    told = [place for place, line in enumerate(lines) if line.strip()]
    bodies = []
    end = len(lines)
    for start in reversed(starts):
        following = bisect_right(told, start.line)
        below = following < len(told) and told[following] < end
        bodies.append(below or answers_itself(start.text))
        if asks(start.text) or start.style is not Style.NUMBERED:
            end = start.line
    return bodies[::-1]


def _repeated(starts: Sequence[Start], bodies: Sequence[bool]) -> list[bool]:
    """Whether a candidate stands again further down, and it, or the one before it, has nothing below it."""
    last = {_key(start): place for place, start in enumerate(starts)}
    return [
        last[_key(start)] > place and not (bodies[place] and bodies[max(place - 1, 0)])
        for place, start in enumerate(starts)
    ]


def _key(start: Start) -> tuple[int | None, str]:
    return start.number, "".join(c for c in start.text.lower() if c.isalnum())[:80]


def _chain(starts: Sequence[Start], weights: Sequence[float]) -> tuple[float, tuple[Start, ...]]:
    """The heaviest chain: linear in the candidates, for a jump costs the same from wherever it is made."""
    by_number: dict[int | None, _Link] = {}
    best: _Link | None = None
    for place, (start, weight) in enumerate(zip(starts, weights, strict=True)):
        before = _before(start, by_number, best)
        cost = _JUMP if before is not None and not _follows(start, starts[before.last]) else 0.0
        gained = (before.weight - cost if before else 0.0) + weight
        link = _Link(gained, place, before)
        held = by_number.get(start.number)
        if held is None or link.weight > held.weight:
            by_number[start.number] = link
        if best is None or link.weight > best.weight:
            best = link
    if best is None or best.weight <= 0:
        return 0.0, ()
    chosen = []
    link_: _Link | None = best
    while link_ is not None:
        chosen.append(starts[link_.last])
        link_ = link_.before
    return best.weight, tuple(reversed(chosen))


def _before(start: Start, by_number: dict[int | None, _Link], best: _Link | None) -> _Link | None:
    """The chain that a candidate does best to continue; none if every one would cost more than it brings."""
    following = by_number.get(None if start.number is None else start.number - 1)
    options = [(following.weight, following)] if following else []
    options += [(best.weight - _JUMP, best)] if best else []
    heaviest = max(options, key=lambda option: option[0], default=None)
    return heaviest[1] if heaviest and heaviest[0] > 0 else None


def _follows(start: Start, before: Start) -> bool:
    return start.number is None or (before.number is not None and start.number == before.number + 1)
