"""Every error this package raises on purpose.

GraderError
 +-- BankError                a bank document has faults; each has a path and a line
 +-- OutputError              a file that cannot be written
 +-- DocumentError            a document from which no bank can be made
 +-- UnknownId                an id that names nothing; carries the nearest ids
 |    +-- UnknownQuestion
 |    +-- UnknownBank
 +-- UnusableQuestion         a question sent along that cannot be one: its parts do not agree, or there are too many
 +-- UnusableReference        a reference without a word, from which no criteria can be drafted
 +-- AnswerError              an answer that cannot be graded
 |    +-- AnswerTooLong
 |    +-- NotText
 +-- ModelError               a model that cannot or must not be loaded
 |    +-- ModelNotFound
 |    +-- ModelMismatch       a file's hash is not the one in the registry
 |    +-- UnsafeModel         weights outside safetensors
 +-- CalibrationError         a learnt combination, calibration or scale that cannot be read
 |    +-- ScaleMismatch       a scale that was learnt on the scores of other models
 +-- FaultyFile               a file of rows has faults; each has a line and a column
 |    +-- DatasetError        a file of marked answers
 |    +-- TableError          a table of answers to be graded
 +-- ProgressError            a batch that cannot go on where it stopped
 |    +-- ProgressChanged     its input, banks, models or options are others now
 |    +-- ProgressTaken       another process is at it
 +-- EngineError              processes that do not do the work of a batch, or a cluster that cannot be reached
 +-- RemoteJudgeError         a language model that cannot be asked as it was set up
 +-- InterviewError           an interview that cannot be held as it was asked for
 +-- ExtraMissing             a verb needs libraries that are installed with an extra
 +-- DeviceUnavailable        a device or dtype that this machine does not have

The command line turns each of them into one line and exit status 2; anything else is a defect of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class GraderError(Exception):
    """The root: catch this to catch whatever this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a bank document or in a file of marked answers.

    `line` counts from 1 and is None where the document has no lines (a bank built in memory); `path` leads to the
    place inside the document, in a table the column.
    """

    source: str
    line: int | None
    path: str
    reason: str

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.path}: {self.reason}" if self.path else f"{place}: {self.reason}"


class BankError(GraderError):
    """A bank document has faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class OutputError(GraderError):
    """A file that cannot be written."""


class DocumentError(GraderError):
    """A document from which no bank can be made: unreadable, encrypted, without text, without questions."""


class FaultyFile(GraderError):
    """A file of rows has faults; the text tells the first of them and counts the rest."""

    _TOLD = 20

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [str(fault) for fault in self.faults[: self._TOLD]]
        if len(self.faults) > self._TOLD:
            lines.append(f"and {len(self.faults) - self._TOLD:,} more")
        super().__init__("\n".join(lines))


class DatasetError(FaultyFile):
    """A file of marked answers has faults."""


class TableError(FaultyFile):
    """A table of answers cannot be read, lacks what is needed, or has rows at fault where none may be."""


class ProgressError(GraderError):
    """A batch that cannot go on where it stopped."""


class ProgressChanged(ProgressError):
    """The input, banks, models or options are not those with which the batch began."""

    def __init__(self, file: Path, changed: Sequence[str]) -> None:
        self.file = file
        self.changed = tuple(changed)
        told = f"{file} holds progress made with other {', '.join(changed)}"
        super().__init__(f"{told}: --restart throws it away and begins anew")


class ProgressTaken(ProgressError):
    """Another process is at the same batch."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is in use: another run is at this batch")


class UnknownId(GraderError):
    """An id that names nothing known."""

    kind = "id"

    def __init__(self, wanted: str, nearest: Sequence[str] = ()) -> None:
        self.wanted = wanted
        self.nearest = tuple(nearest)
        hint = f"; nearest: {', '.join(self.nearest)}" if self.nearest else ""
        super().__init__(f"unknown {self.kind} {wanted!r}{hint}")


class UnknownQuestion(UnknownId):
    """No bank holds a question of this id."""

    kind = "question"


class UnknownBank(UnknownId):
    """No bank has this id."""

    kind = "bank"


class UnusableQuestion(GraderError):
    """A question sent along that cannot be one; the faults have paths inside it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


class UnusableReference(GraderError):
    """No criteria can be drafted from a question's references."""


class AnswerError(GraderError):
    """An answer that cannot be graded."""


class AnswerTooLong(AnswerError):
    """An answer beyond the stated limit."""

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(f"the answer has {size:,} bytes of UTF-8; the limit is {limit:,}")


class NotText(AnswerError):
    """An answer that is not Unicode text (bytes that are not UTF-8, lone surrogates)."""


class ModelError(GraderError):
    """A model that cannot or must not be loaded."""


class ModelNotFound(ModelError):
    """No such model on this machine."""


class ModelMismatch(ModelError):
    """A model file whose SHA-256 is not the one that the registry pins."""

    def __init__(self, file: Path, expected: str, found: str) -> None:
        self.file = file
        self.expected = expected
        self.found = found
        super().__init__(f"{file}: refused: expected sha256 {expected}, found {found}")


class UnsafeModel(ModelError):
    """Weights that are not in safetensors, which only code execution could load."""


class CalibrationError(GraderError):
    """A learnt combination, calibration or scale that is missing or not one."""


class ScaleMismatch(CalibrationError):
    """A scale that was learnt on the scores of other models than those that grade."""

    def __init__(self, part: str, learnt: str, here: str) -> None:
        self.part = part
        super().__init__(
            f"the scale was learnt on scores of {part} {learnt}, and this is {part} {here}: run grader calibrate again"
        )


class EngineError(GraderError):
    """Processes that do not do the work of a batch: they cannot grade, they ended, or their cluster is not reached."""


class RemoteJudgeError(GraderError):
    """A language model that cannot be asked as it was set up: an address, a model or a key is missing or refused."""


class InterviewError(GraderError):
    """An interview that cannot be held as it was asked for: an option that is none, no question of the topic."""


class ExtraMissing(GraderError):
    """Libraries that come with an extra are not installed."""

    def __init__(self, library: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{library} is not installed: pip install 'answer-grader[{extra}]'")


class DeviceUnavailable(GraderError):
    """A device or dtype that was asked for and that this machine does not have."""
