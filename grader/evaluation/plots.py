"""The plots of a report, each an SVG to stand inside a page: no script, no font file, nothing fetched."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from grader.evaluation.evaluation import Evaluation
from grader.evaluation.wording import METHODS, number

# Okabe and Ito's colours, which people with any colour vision tell apart
_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#666666"
_ID = re.compile(r'( id="|href="#|url\(#)')  # where an id is given or meant: several plots stand in one page
_STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",  # letters stay text: they can be read aloud, searched and scaled
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
}


def methods(found: Evaluation) -> str:
    """The correlation within questions of every method, with its interval."""
    told = [found.grader, *([found.people] if found.people else []), *found.baselines]
    known = [(METHODS[one.name], one.estimates["within_pearson"]) for one in told]
    rows = [(name, one, one.value) for name, one in reversed(known) if one.value is not None]
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(0.8 + 0.34 * max(len(rows), 1))
        for row, (name, estimate, value) in enumerate(rows):
            colour = _BLUE if name == METHODS["grader"] else _GREY
            if estimate.low is not None and estimate.high is not None:
                axes.plot([estimate.low, estimate.high], [row, row], color=colour, linewidth=2, solid_capstyle="butt")
            axes.plot([value], [row], "o", color=colour, markersize=6)
        axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
        axes.set_ylim(-0.6, max(len(rows), 1) - 0.4)
        axes.set_xlim(min(0.0, *axes.get_xlim()), 1)
        axes.set_xlabel("r within questions")
        axes.grid(axis="x", color="#dddddd", linewidth=0.6)
        summary = ", ".join(f"{name} {number(estimate.value)}" for name, estimate in known)
        return _svg(figure, "methods", f"Correlation with people's marks within questions: {summary}.")


def spread(found: Evaluation) -> str:
    """For each level of the marks, how the scores lie."""
    counts = np.array(found.spread.counts, dtype=np.float64)
    totals = counts.sum(1)
    shares = np.divide(counts, totals[:, None], out=np.zeros_like(counts), where=totals[:, None] > 0)
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(3.6, 5.2)
        columns = len(totals)
        axes.pcolormesh(np.arange(columns + 1), np.linspace(0, 1, 11), shares.T, cmap="Blues", vmin=0, vmax=1)
        for (level, tenth), value in np.ndenumerate(shares):
            if value >= 0.005:
                colour = "white" if value > 0.55 else "#222222"
                axes.text(
                    level + 0.5, tenth / 10 + 0.05, f"{value:.0%}", ha="center", va="center", color=colour, size=8
                )
        ticks = [f"{level:.2g}\nn = {int(total):,}" for level, total in zip(found.spread.levels, totals, strict=True)]
        axes.set_xticks(np.arange(columns) + 0.5, ticks)
        axes.set_xlabel("mark")
        axes.set_ylabel("score")
        return _svg(figure, "spread", "The share of answers in each tenth of the scores, for each level of the marks.")


def calibration(found: Evaluation) -> str:
    """Mean mark against mean score of answers with like scores."""
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(3.6, 3.6)
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", label="score equals mark")
        score, human = zip(*((one.score, one.human) for one in found.calibration), strict=True)
        axes.plot(score, human, "o-", color=_BLUE, label="the grader")
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="mean score", ylabel="mean mark", aspect="equal")
        axes.legend(frameon=False, loc="best")
        told = ", ".join(f"{number(one.score)} to {number(one.human)}" for one in found.calibration)
        return _svg(figure, "calibration", f"Mean mark by mean score, in bins of like scores: {told}.")


def review(found: Evaluation) -> str:
    """The error of the answers kept, against the share sent to a person."""
    curve = found.review
    shares = [100 * one for one in curve.shares]
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(3.0)
        axes.plot(shares, curve.random, color=_GREY, linestyle="--", label="any answers")
        axes.plot(shares, curve.by_doubt, "o-", color=_BLUE, label="the grader's least sure first")
        axes.plot(shares, curve.ideal, color=_ORANGE, linestyle=":", label="the largest errors first (ideal)")
        axes.set(xlim=(0, 50), ylim=(0, None), xlabel="% of the answers sent to a person", ylabel="error of the others")
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
        axes.legend(frameon=False)
        told = f"from {number(curve.by_doubt[0])} with none sent to {number(curve.by_doubt[-1])} with half sent"
        return _svg(figure, "review", f"Error of the answers kept: {told}; ideally {number(curve.ideal[-1])}.")


def _figure(height: float, width: float = 6.4) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Figure, name: str, described: str) -> str:
    """The figure as an `svg` element that tells screen readers what it shows."""
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    body = stream.getvalue()
    own = _ID.sub(rf"\g<1>{name}-", body[body.index("<svg") + len("<svg") :])
    opening, inner = own.split(">", 1)
    return f'<svg role="img" aria-label={quoteattr(described)}{opening}><title>{escape(described)}</title>{inner}'
