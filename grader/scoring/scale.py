"""A person's scale: how scores are moved to the marks that a teacher gives, learnt from few marked answers.

Scales are read from the file that `grader calibrate` writes. They move a score before anything is made of it; what
guards and claimed misconceptions leave at most, they leave on any scale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import CalibrationError, ScaleMismatch
from grader.scoring.combination import Finite
from grader.scoring.combine import Judgement

KNEE = 0.2
"""The score below which a scale falls straight to nothing: what earns nothing, earns nothing on any scale."""

_NETWORKS = ("encoder", "judge")
_MADE_BY = (*_NETWORKS, "calibration")  # what scores depend on, by the names that receipts have
_DECIMALS = 4


class Scale(BaseModel):
    """A line from scores to marks: mark = offset + slope · score, within [0, 1]; below `KNEE` straight to 0 at 0.

    It is monotone: a better score never gets a lower mark.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    offset: Finite
    slope: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    def mark(self, score: float) -> float:
        """The mark, in [0, 1], of a score in [0, 1]."""
        line = min(1.0, max(0.0, self.offset + self.slope * max(score, KNEE)))
        return line * min(1.0, score / KNEE)


IDENTITY = Scale(offset=0, slope=1)
"""The scale that leaves scores as they are."""


class Scales(BaseModel):
    """The scales of one marker.

    Attributes:
        models: what made the scores that they were learnt on, by the names that receipts have.
        banks: by bank, for its questions that have no scale of their own.
        questions: by the id of a bank's question, or by `text_key` of a question of no bank.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: dict[str, str]
    banks: dict[str, Scale]
    questions: dict[str, Scale]

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the scales: what receipts call them."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def of(self, key: str, bank: str | None) -> Scale:
        """The scale of a question by its key in `questions`; its bank's where it has none, `IDENTITY` without either.

        `bank` is None for a question of no bank.
        """
        shared = IDENTITY if bank is None else self.banks.get(bank, IDENTITY)
        return self.questions.get(key, shared)

    def check(self, models: Mapping[str, str]) -> None:
        """Refuse to move the scores of other models, given by the names that receipts have.

        Raises:
            ScaleMismatch: the scales were learnt on scores of another encoder, judge or calibration.
        """
        for name in _MADE_BY:
            learnt, here = self.models.get(name, "none"), models.get(name, "none")
            if _without_dtype(name, learnt) != _without_dtype(name, here):
                raise ScaleMismatch(name, learnt, here)


def text_key(question: str) -> str:
    """What the scale of a question of no bank is kept under: its text's SHA-256 (hex)."""
    return f"text:{hashlib.sha256(question.strip().encode()).hexdigest()}"


def load_scales(path: Path) -> Scales:
    """Read scales.

    Raises:
        CalibrationError: there is no such file, or it holds no scales.
    """
    try:
        return Scales.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CalibrationError(f"{path}: {error.strerror}: scales are made by grader calibrate") from error
    except ValidationError as error:
        first = error.errors()[0]
        told = ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))
        raise CalibrationError(f"{path}: is no scale that grader calibrate wrote: {told}") from error


def rescale(judgement: Judgement, scale: Scale) -> Judgement:
    """The judgement with its score moved to a scale, and never above its cap."""
    return replace(judgement, score=round(min(scale.mark(judgement.score), judgement.cap), _DECIMALS))


def _without_dtype(name: str, identity: str) -> str:
    """A network's identity without the dtype at its end, which moves scores by thousandths only."""
    return identity.rpartition("-")[0] if name in _NETWORKS else identity
