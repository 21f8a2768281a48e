"""What is asked: banks, questions, criteria, misconceptions and graded example answers, as frozen values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from grader.bank.keywords import Keywords
from grader.grade import Unit, Verdict

ID_PATTERN = r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$"
MAX_ID = 80  # code points
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=MAX_ID)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
DRAFTED = "drafted-"
"""How the ids of criteria begin that were drafted from a reference; a person who mends one gives it another."""

Weight = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, strict=True)]
Points = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False, strict=True)]


class MisplacedError(ValueError):
    """A fault of parts that do not agree, with the place of the part to blame, from where the check is made."""

    def __init__(self, place: tuple[str | int, ...], reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{dotted(place)}: {reason}")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Statement(_Value):
    """A claim that answers are judged by, and the ways its concepts are said.

    `said_as` holds single claims, each of which says the statement by itself: the branches of an "or", or the same in
    other words. `hint` points a candidate to what is amiss without giving the point away.
    """

    id: Id
    statement: Text
    said_as: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    keywords: Keywords = ()
    hint: Text | None = None


class Criterion(Statement):
    """One thing a good answer states.

    An `elective` criterion is one of a pool of which the question wants `at_least` so many.
    """

    weight: Weight = 1.0
    elective: Annotated[bool, Field(strict=True)] = False


class Misconception(Statement):
    """A wrong statement that costs points when an answer claims it.

    `cap` is the highest score left to an answer that claims it; `contradicts` names the criteria it denies.
    """

    contradicts: tuple[Id, ...] = ()
    cap: Unit = 0.25


_EDITORIAL = {"source", "review", "review_reasons"}  # what the work on a bank needs, and no grade

ExemplarKind = Literal["complete", "half", "terse", "misconception", "bluff", "offbeat"]


class Exemplar(_Value):
    """A graded example answer. Criteria that `verdicts` leaves out are missing; `claims` names misconceptions."""

    kind: ExemplarKind
    score: Unit
    answer: Text
    verdicts: dict[Id, Verdict] = Field(default_factory=dict)
    claims: tuple[Id, ...] = ()


Line = Annotated[int, Field(ge=1, strict=True)]


class Place(_Value):
    """Where a question stands in the document that it was read from.

    `number` is the document's own; `lines` are the first and the last one, counted from 1 in the document's text (of a
    document without lines, such as a PDF, in the text that was read from it).

    Raises:
        ValidationError: the last line stands before the first.
    """

    document: Text
    number: Annotated[int, Field(ge=0, strict=True)] | None = None
    lines: tuple[Line, Line] | None = None

    @model_validator(mode="after")
    def _lines_are_in_order(self) -> Self:
        if self.lines is not None and self.lines[0] > self.lines[1]:
            raise MisplacedError(("lines",), "the last line stands before the first")
        return self


class Question(_Value):
    """What is asked, what a full-mark answer says and by what it is judged.

    `review` marks a question that was read from a document and that a person should look at, for `review_reasons`;
    `source` says where it stands there. None of these changes a grade, and none is part of a version.

    Raises:
        ValidationError: ids repeat, a verdict names no criterion, `at_least` and the elective criteria disagree, or
            there are reasons for a review that is not asked for.
    """

    id: Id
    question: Text
    topic: Text | None = None
    difficulty: Annotated[int, Field(ge=1, le=3, strict=True)] | None = None
    max_points: Points = 10.0
    references: Annotated[tuple[Text, ...], Field(min_length=1, max_length=50)]
    at_least: Annotated[int, Field(ge=1, strict=True)] | None = None
    criteria: Annotated[tuple[Criterion, ...], Field(max_length=40)] = ()
    misconceptions: Annotated[tuple[Misconception, ...], Field(max_length=40)] = ()
    exemplars: tuple[Exemplar, ...] = ()
    see_also: tuple[Id, ...] = ()
    notes: Text | None = None
    source: Place | None = None
    review: Annotated[bool, Field(strict=True)] = False
    review_reasons: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        criteria, misconceptions = {c.id for c in self.criteria}, {m.id for m in self.misconceptions}
        _refuse_repeats("criteria", (c.id for c in self.criteria))
        _refuse_repeats("misconceptions", (m.id for m in self.misconceptions))
        for place, misconception in enumerate(self.misconceptions):
            _refuse_strangers(("misconceptions", place, "contradicts"), misconception.contradicts, criteria)
        for place, exemplar in enumerate(self.exemplars):
            _refuse_strangers(("exemplars", place, "verdicts"), exemplar.verdicts, criteria)
            _refuse_strangers(("exemplars", place, "claims"), exemplar.claims, misconceptions)
        self._check_electives()
        if self.review_reasons and not self.review:
            raise MisplacedError(("review_reasons",), "there are reasons, but review is not true")
        return self

    def _check_electives(self) -> None:
        electives = [c for c in self.criteria if c.elective]
        if (self.at_least is None) != (not electives):
            raise MisplacedError(("at_least",), "at_least and elective criteria go together")
        if self.at_least is not None and self.at_least > len(electives):
            reason = f"is {self.at_least}, but only {len(electives)} criteria are elective"
            raise MisplacedError(("at_least",), reason)
        if len({c.weight for c in electives}) > 1:
            raise MisplacedError(("criteria",), "elective criteria have one weight")

    @property
    def is_drafted(self) -> bool:
        """Whether nobody has looked over its rubric: it has none, or every criterion still has the id of a draft."""
        return all(criterion.id.startswith(DRAFTED) for criterion in self.criteria)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of everything that can change a grade: not exemplars, notes or links."""
        told = {"exemplars", "notes", "see_also", "topic", "difficulty"}
        return _hash(self.model_dump_json(exclude=told | _EDITORIAL))


class Source(_Value):
    """Where a bank's questions come from."""

    document: Text
    title: Text | None = None
    author: Text | None = None
    licence: Text | None = None


class Bank(_Value):
    """A set of questions from one source.

    `reveal` says what a candidate's feedback may show of a missed criterion: nothing, its hint, or its statement.
    `points_step` is the grid, in points, that awarded points are rounded to.
    """

    bank: Id
    title: Text
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "en"
    source: Source | None = None
    reveal: Literal["nothing", "hints", "statements"] = "hints"
    points_step: Points = 0.5
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        _refuse_repeats("questions", (q.id for q in self.questions))
        return self

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the whole bank, without its questions' places and review marks: its version."""
        return _hash(self.model_dump_json(exclude={"questions": {"__all__": _EDITORIAL}}))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `questions[17].criteria[2].weight`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _refuse_repeats(part: str, ids: Iterable[str]) -> None:
    seen = set[str]()
    for place, name in enumerate(ids):
        if name in seen:
            raise MisplacedError((part, place, "id"), f"the id {name!r} stands more than once")
        seen.add(name)


def _refuse_strangers(place: tuple[str | int, ...], names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise MisplacedError(place, f"{name!r} names nothing in this question")
