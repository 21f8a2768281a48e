"""What a language model is asked about, and what it says: an opinion, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from grader.bank.question import Exemplar, Question
from grader.grade import RemoteOutcome, Verdict
from grader.text.normalize import Span, normalize
from grader.text.reading import Reading

_LONGEST = 300  # code points


@dataclass(frozen=True, slots=True)
class Case:
    """One answer to be judged: the question, whose criteria it has, and graded examples that are like the answer."""

    question: Question
    reading: Reading
    examples: tuple[Exemplar, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotedVerdict:
    """A criterion's verdict and the words (in the text read) that it rests on; none where nothing speaks of it."""

    verdict: Verdict
    quote: Span | None


@dataclass(frozen=True, slots=True)
class QuotedClaim:
    """Whether a misconception is claimed and, if it is, the words (in the text read) that claim it."""

    claimed: bool
    quote: Span | None


@dataclass(frozen=True, slots=True)
class RemoteOpinion:
    """What a language model says of an answer, by the ids of criteria and misconceptions.

    `voided` are ids that it judged by words that are not in the answer: they are in neither mapping.
    """

    criteria: Mapping[str, QuotedVerdict]
    misconceptions: Mapping[str, QuotedClaim]
    voided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unscored:
    """No opinion, and why; never a verdict. The detail may quote a stranger, so it is kept plain and short."""

    outcome: RemoteOutcome
    detail: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", plain(self.detail))


def plain(told: str) -> str:
    """What a stranger says, on one line, without characters that a terminal would obey, and not for long."""
    return " ".join(normalize(told).text.split())[:_LONGEST]


Heard: TypeAlias = RemoteOpinion | Unscored


class RemoteJudge(Protocol):
    """What gives opinions on answers, each judged by itself; `identity` names it in receipts."""

    @property
    def identity(self) -> str:
        """The model, and the version of what it is asked."""
        ...

    def opinions(self, cases: Sequence[Case], /) -> Sequence[Heard]:
        """An opinion on each case, in order, or why there is none.

        Raises:
            RemoteJudgeError: it cannot be asked at all as it is set up.
        """
        ...
