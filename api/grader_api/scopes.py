"""What keys allow."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a key may do: grade answers; read; write banks; override grades; everything."""

    GRADE = "grade"
    READ = "read"
    AUTHOR = "author"
    REVIEW = "review"
    ADMIN = "admin"
