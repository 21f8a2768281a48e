"""A batch as one HTML page that needs nothing beside it: no script, no font, no picture to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader import __version__
from grader.batch.summary import Summary

_QUESTIONS_OPEN = 20
_MISSED = 20
_TEMPLATE = "report.html.jinja"


@dataclass(frozen=True, slots=True)
class Worded:
    """A question in words: what it asks, and what its criteria state, by their ids."""

    question: str
    criteria: Mapping[str, str] = field(default_factory=dict)


def render_report(summary: Summary, source: str, wording: Mapping[str, Worded] | None = None) -> str:
    """The page of a detailed summary; the answers of the review queue are in it.

    Args:
        summary: of the batch.
        source: the table's name.
        wording: of questions by their ids; others, and their criteria, are shown by id.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count="{:,}".format, share="{:.0%}".format, score="{:.2f}".format)
    missed = sorted(
        (
            (count / one.answers, count, one.answers, one.question, name)
            for one in summary.questions
            for name, count in one.missing
        ),
        key=lambda line: (-line[1], line[3:]),
    )
    return environment.get_template(_TEMPLATE).render(
        summary=summary,
        source=source,
        wording=wording or {},
        missed=missed[:_MISSED],
        questions_open=_QUESTIONS_OPEN,
        version=__version__,
    )
