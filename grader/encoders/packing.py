"""Rows of many lengths as passes of about so many pieces each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass through a model.

    Attributes:
        length: to which its rows are padded, in pieces.
        rows: how many it has, empty ones included.
        indices: of the rows that are in it, at most `rows`.
    """

    length: int
    rows: int
    indices: Sequence[int]


def by_length(lengths: Sequence[int], step: int) -> list[tuple[int, list[int]]]:
    """Padded lengths, multiples of `step`, in order, each with the indices of the rows that have it."""
    groups: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        groups.setdefault(-(-length // step) * step, []).append(index)
    return sorted(groups.items())


def packed(indices: Sequence[int], length: int, small: int, large: int, agrees: Callable[[], bool]) -> Iterator[Pass]:
    """Rows of one padded length in passes of a fixed number of pieces: in large ones as far as these are filled.

    Args:
        indices: of the rows.
        length: in pieces.
        small: pieces of a small pass, rounded up to whole rows.
        large: likewise of a large one.
        agrees: whether a large pass gives what small ones give; asked where one could be used.
    """
    few, many = -(-small // length), -(-large // length)
    place = 0
    while len(indices) - place > many // 2 and many > few and agrees():
        yield Pass(length, many, indices[place : place + many])
        place += many
    for start in range(place, len(indices), few):
        yield Pass(length, few, indices[start : start + few])
