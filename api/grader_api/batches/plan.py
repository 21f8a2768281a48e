"""How a batch's table is read and written, and what was found in it: both kept with the batch as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from grader.batch.columns import GRADED, KNOWN
from grader.batch.job import Source
from grader.batch.survey import Choice, Survey
from grader.batch.tables.formats import Format
from grader.batch.tables.reading import Layout
from grader.batch.tables.row import Kind


class Plan(BaseModel):
    """How a table is read and written, and which of its rows are graded; the formats are endings such as `csv.gz`."""

    model_config = ConfigDict(frozen=True)

    name: str
    input_format: str
    output_format: str
    columns: dict[str, str] = Field(default_factory=dict)
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    choice: Choice = Choice()
    strict: bool = False

    def source(self, path: Path) -> Source:
        """The table in a file, to be read."""
        layout = Layout(
            Format.of(self.input_format),
            self.encoding,
            self.delimiter,
            KNOWN | {name.casefold() for name in self.columns.values()},
            frozenset(GRADED),
        )
        return Source(path, self.name, layout, self.choice, self.columns)

    @property
    def output(self) -> Format:
        """The format of the output."""
        return Format.of(self.output_format)


class Found(BaseModel):
    """What columns a table has, what the typed ones hold, and which of them are ours."""

    model_config = ConfigDict(frozen=True)

    columns: tuple[str, ...]
    kinds: dict[str, Kind]
    ours: dict[str, str]

    @classmethod
    def of(cls, survey: Survey, ours: dict[str, str]) -> Found:
        """What a survey found."""
        return cls(columns=survey.columns, kinds=dict(survey.kinds), ours=ours)


class Webhook(BaseModel):
    """Where to tell that a batch has ended, and the secret to sign with."""

    model_config = ConfigDict(frozen=True)

    url: str
    secret: str
