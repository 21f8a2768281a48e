"""What was found in documents, put together as one bank; criteria are not drafted here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.bank.extraction.found import Extraction, Found
from grader.bank.question import Bank, Place, Question, Source
from grader.errors import DocumentError

MAX_TEXT = 20_000  # code points of one text of a bank
_LONGEST_ID = 40  # letters: a number still has to follow


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one document: its name, its title if it has one, and what it holds."""

    document: str
    title: str | None
    extraction: Extraction


def assemble(readings: Sequence[Reading], bank_id: str, title: str | None = None) -> Bank:
    """One bank of all that was found, in its order, with ids `<bank>-<number>`.

    A number that is taken gets `-2`, `-3` and so on behind it. A question with doubts is marked for review.

    Raises:
        DocumentError: nothing was found; naming the documents.
        ValidationError: the id is none.
    """
    questions = tuple(_questions(readings, bank_id))
    if not questions:
        raise DocumentError("\n".join(f"{reading.document}: {_nothing(reading.extraction)}" for reading in readings))
    only = readings[0] if len(readings) == 1 else None
    named = title or next((reading.title for reading in readings if reading.title), None)
    return Bank(
        bank=bank_id,
        title=named or " and ".join(reading.document for reading in readings)[:MAX_TEXT],
        source=Source(document=only.document, title=only.title) if only else None,
        questions=questions,
    )


def bank_id_of(name: str) -> str:
    """An id made of a file's name: `My Questions.pdf` → `my-questions`."""
    stem = name.rsplit(".", 1)[0] if "." in name.strip(".") else name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-") or "bank"


def missing_numbers(extraction: Extraction) -> tuple[int, ...]:
    """The numbers between the first and the last that no question has, if there are fewer than those that have one."""
    numbers = {one.number for one in extraction.found}
    if not numbers:
        return ()
    missing = tuple(number for number in range(min(numbers), max(numbers)) if number not in numbers)
    return missing if len(missing) < len(numbers) else ()


def _questions(readings: Iterable[Reading], bank_id: str) -> Iterator[Question]:
    taken: dict[int, int] = {}
    for reading in readings:
        for one in reading.extraction.found:
            taken[one.number] = taken.get(one.number, 0) + 1
            repeated = f"-{taken[one.number]}" if taken[one.number] > 1 else ""
            yield _question(one, reading.document, f"{bank_id}-{one.number}{repeated}")


def _question(found: Found, document: str, question_id: str) -> Question:
    doubts = list(found.doubts)
    for name, text in (("question", found.question), ("answer", found.answer)):
        if len(text) > MAX_TEXT:
            doubts.append(
                f"the {name} has {len(text):,} code points, of which the last {len(text) - MAX_TEXT:,} are cut"
            )
    return Question(
        id=question_id,
        question=found.question[:MAX_TEXT],
        references=(found.answer[:MAX_TEXT],),
        source=Place(document=document, number=found.number, lines=(found.first, found.last)),
        review=bool(doubts),
        review_reasons=tuple(doubts),
    )


def _nothing(extraction: Extraction) -> str:
    if extraction.unanswered:
        first = extraction.unanswered[0]
        count = len(extraction.unanswered)
        return f"{count} question{'s' * (count != 1)}, but no answer to any (the first is in line {first.line})"
    return "no questions found: they are known by numbers (`1. …`, `Q1: …`), by `Q:` and `A:`, or by headings that ask"
