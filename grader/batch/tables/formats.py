"""Formats of tables and how a file's name tells them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from grader.errors import Fault, TableError


class Shape(StrEnum):
    """How rows are laid out in bytes."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    XLSX = "xlsx"

    @property
    def is_spreadsheet(self) -> bool:
        """Whether people open it with a spreadsheet program, which runs cells that look like formulas."""
        return self in {Shape.CSV, Shape.TSV, Shape.XLSX}


class Packing(StrEnum):
    """How the bytes are compressed."""

    NONE = ""
    GZIP = "gz"
    ZSTD = "zst"


_SHAPES = {"ndjson": Shape.JSONL, "tab": Shape.TSV, **{shape.value: shape for shape in Shape}}
_PACKINGS = {"gz": Packing.GZIP, "gzip": Packing.GZIP, "zst": Packing.ZSTD, "zstd": Packing.ZSTD}
_PACKED = frozenset({Shape.CSV, Shape.TSV, Shape.JSONL})  # the others compress by themselves


@dataclass(frozen=True, slots=True)
class Format:
    """A shape and how it is packed: what `.csv.gz` tells."""

    shape: Shape
    packing: Packing = Packing.NONE

    @classmethod
    def of(cls, name: str) -> Self:
        """The format that a file's name, or an ending such as `csv.gz`, tells.

        Raises:
            TableError: it tells none that is known.
        """
        parts = name.casefold().rsplit("/", 1)[-1].split(".")
        packing = _PACKINGS.get(parts[-1], Packing.NONE)
        if packing:
            parts.pop()
        shape = _SHAPES.get(parts[-1]) if parts else None
        if shape is None or (packing and shape not in _PACKED):
            reason = f"is no format of tables that is known: {KNOWN}"
            raise TableError([Fault(name, None, "", reason)])
        return cls(shape, packing)

    def __str__(self) -> str:
        return f"{self.shape}.{self.packing}" if self.packing else str(self.shape)


KNOWN = ".csv, .tsv, .jsonl or .ndjson (each also .gz or .zst), .parquet, .xlsx"
"""The endings, in words."""
