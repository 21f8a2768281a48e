"""A batch as one HTML page that needs nothing beside it: no script, no font, no picture to fetch."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader import __version__
from grader.batch.summary import Summary

_QUESTIONS_OPEN = 20
_MISSED = 20
_TEMPLATE = "report.html.jinja"


def render_report(summary: Summary, source: str) -> str:
    """The page of a detailed summary; the answers of the review queue are in it."""
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
        summary=summary, source=source, missed=missed[:_MISSED], questions_open=_QUESTIONS_OPEN, version=__version__
    )
