"""An evaluation as one HTML page that needs nothing beside it: no script, no font, no picture to fetch."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.evaluation import plots, wording
from grader.evaluation.baselines import BASELINES
from grader.evaluation.evaluation import Evaluation
from grader.evaluation.figures import METRICS

_QUESTIONS_OPEN = 10
_TEMPLATE = "report.html.jinja"


def render_report(found: Evaluation) -> str:
    """The page; answers are in it where the evaluation has them."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=wording.number, share=wording.share, between=wording.between, with_interval=wording.with_interval
    )
    drawn = {
        name: Markup(draw(found))  # noqa: S704 (drawn by us; its texts are escaped there)
        for name, draw in {
            "methods": plots.methods,
            "spread": plots.spread,
            "calibration": plots.calibration,
            "review": plots.review,
        }.items()
    }
    return environment.get_template(_TEMPLATE).render(
        found=found,
        plots=drawn,
        methods=wording.METHODS,
        headings=wording.HEADINGS,
        meanings=wording.MEANINGS,
        metrics=METRICS,
        baselines={one.name: BASELINES[one.name] for one in found.baselines},
        questions_open=_QUESTIONS_OPEN,
    )
