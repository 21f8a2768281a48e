"""The answer cut into pieces, each with what its words earned or lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from grader.grade import Evidence, Grade

_GRAVEST = ("claim", "contradicted", "flag", "partial", "met")


@dataclass(frozen=True, slots=True)
class Note:
    """What a stretch of the answer is evidence of: a verdict, a `claim` or a `flag`, and the place on the page."""

    kind: str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer with all notes on it; `ending` are those whose stretch ends here."""

    text: str
    notes: tuple[Note, ...]
    ending: tuple[Note, ...]

    @property
    def kind(self) -> str:
        """The gravest of its notes; empty where there is none."""
        return min((note.kind for note in self.notes), key=_GRAVEST.index, default="")


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    end: int
    note: Note


def marked(answer: str, grade: Grade) -> list[Piece]:
    """The answer in pieces, which together are the whole of it."""
    stretches = _joined(answer, [one for one in _stretches(grade) if one.start < one.end <= len(answer)])
    cuts = sorted({0, len(answer)} | {cut for one in stretches for cut in (one.start, one.end)})
    return [
        Piece(
            answer[start:end],
            tuple(one.note for one in stretches if one.start <= start and end <= one.end),
            tuple(one.note for one in stretches if one.end == end),
        )
        for start, end in pairwise(cuts)
    ]


def _stretches(grade: Grade) -> Iterator[_Stretch]:
    for number, criterion in enumerate(grade.criteria, 1):
        yield from _of(criterion.evidence, Note(criterion.verdict.value, str(number), f"point-{number}"))
    for number, claim in enumerate(grade.misconceptions, 1):
        yield from _of(claim.evidence, Note("claim", f"error {number}", f"error-{number}"))
    for number, flag in enumerate(grade.flags, 1):
        yield from _of(flag.evidence, Note("flag", f"flag {number}", f"flag-{number}"))


def _of(evidence: tuple[Evidence, ...], note: Note) -> Iterator[_Stretch]:
    return (_Stretch(one.start, one.end, note) for one in evidence if note.kind in _GRAVEST)


def _joined(answer: str, stretches: list[_Stretch]) -> list[_Stretch]:
    """Stretches of one note that overlap, or have but spaces between them, as one."""
    joined: list[_Stretch] = []
    for one in sorted(stretches, key=lambda one: (one.note.anchor, one.start, one.end)):
        last = joined[-1] if joined else None
        if last is not None and last.note == one.note and not answer[last.end : one.start].strip():
            joined[-1] = _Stretch(last.start, max(last.end, one.end), one.note)
        else:
            joined.append(one)
    return sorted(joined, key=lambda one: (one.start, one.end))
