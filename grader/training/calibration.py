"""Fit what scoring learns, on marked answers and on answers with verdicts.

Run as `python -m grader.training.calibration --help`; `make train` does so with the files beside the checkout.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from grader.bank.library import Library, load_library
from grader.encoders.judge import load_judge
from grader.encoders.sentence import load_encoder
from grader.scoring.calibration import Calibration, Likelihood, Spread
from grader.scoring.combination import Combination
from grader.scoring.probability import (
    BARE_CLAIM_SIGNS,
    BARE_CRITERION_SIGNS,
    BARE_DENIAL_SIGNS,
    CLAIM_SIGNS,
    CRITERION_SIGNS,
    DENIAL_SIGNS,
    JUDGED_CLAIM_SIGNS,
    JUDGED_CRITERION_SIGNS,
    JUDGED_DENIAL_SIGNS,
    JUDGED_READING_SIGNS,
)
from grader.signals.reference import READING_SIGNS
from grader.training.combination import Marked, fit_combination
from grader.training.likelihood import fit_likelihood
from grader.training.reading import measure, read_sets
from grader.training.spread import LEVEL, Residual, fit_spread
from grader.training.verdicts import (
    Measured,
    Statements,
    measure_statements,
    read_verdicts,
    residuals,
    witness_verdicts,
)
from grader.witnessing import Witnessing

Signs = Mapping[str, int]

_UNKNOWN = Spread(level=LEVEL, scale=1, least=1, doubtful=1)


def fit_calibration(name: str, marked: Marked, statements: Statements, *, judged: bool) -> Calibration:
    """The calibration fitted on what was measured of marked answers and of the statements of answers with verdicts.

    Its spreads say nothing yet (see `with_spreads`).
    """
    meeting, claiming, denying = (
        (JUDGED_CRITERION_SIGNS, JUDGED_CLAIM_SIGNS, JUDGED_DENIAL_SIGNS) if judged else ({}, {}, {})
    )
    return Calibration(
        name=name,
        reference=_plain(name, marked),
        drafted=_drafted(name, marked, judged=judged),
        criterion=_likelihood({**CRITERION_SIGNS, **meeting}, statements.criteria),
        bare_criterion=_likelihood({**BARE_CRITERION_SIGNS, **meeting}, statements.bare_criteria),
        claim=_likelihood({**CLAIM_SIGNS, **claiming}, statements.claims),
        bare_claim=_likelihood({**BARE_CLAIM_SIGNS, **claiming}, statements.bare_claims),
        denial=_likelihood({**DENIAL_SIGNS, **denying}, statements.denials),
        bare_denial=_likelihood({**BARE_DENIAL_SIGNS, **denying}, statements.bare_denials),
        spread=_UNKNOWN,
        drafted_spread=_UNKNOWN,
    )


def with_spreads(learnt: Calibration, residuals: Sequence[Residual], marked: Marked, *, judged: bool) -> Calibration:
    """The calibration with intervals that hold.

    They come from the residuals of answers with verdicts; with drafted rubrics, from the errors on each marked set of a
    combination that was fitted on the others.
    """
    unseen: list[Residual] = []
    for name in sorted(set(marked.sets)):
        left_out = marked.sets == name
        fitted = _drafted(learnt.name, marked.where(~left_out), judged=judged)
        names = tuple(fitted.weights)
        unseen += [
            Residual(fitted.expect(dict(zip(names, row, strict=True))), 0.0, mark)
            for row, mark in zip(marked.features[left_out], marked.marks[left_out], strict=True)
        ]
    return learnt.model_copy(update={"spread": fit_spread(residuals), "drafted_spread": fit_spread(unseen)})


def _drafted(name: str, marked: Marked, *, judged: bool) -> Combination:
    if not judged:
        return _plain(name, marked)
    return fit_combination(name, {**READING_SIGNS, **JUDGED_READING_SIGNS}, marked)


def _plain(name: str, marked: Marked) -> Combination:
    """The combination of what is measured without a judge."""
    return fit_combination(name, READING_SIGNS, marked.first(len(READING_SIGNS)))


def _likelihood(signs: Signs, measured: Measured) -> Likelihood:
    outcomes = np.array(measured.outcomes, np.float64)
    return fit_likelihood(signs, measured.features(tuple(signs)), outcomes, np.ones_like(outcomes))


def load_witnessing(library: Library, judge: str | None) -> Witnessing:
    """What measures answers: with a judge, which must not have been trained on them, or without one.

    Raises:
        ModelError: a model is not there, or does not fit.
    """
    opinions = None if judge is None else load_judge(judge, "auto", "auto")
    return Witnessing(library, load_encoder("all-MiniLM-L6-v2", "auto", "auto"), opinions)


def main(output: Path, name: str, answers: Path, selected: Path, files: Sequence[Path], judge: str | None) -> None:
    """Fit on answers with verdicts and on files of marked answers, and write the calibration.

    Intervals come from `answers`, which are such as many people give; `selected` ones are of a sort that is hard.
    """
    library = load_library()
    witnessing = load_witnessing(library, judge)
    marked = measure(read_sets(files), witnessing)
    found, hard = (witness_verdicts(read_verdicts(path), witnessing) for path in (answers, selected))
    calibration = fit_calibration(name, marked, measure_statements([*found, *hard]), judged=judge is not None)
    calibration = with_spreads(calibration, residuals(found, calibration), marked, judged=judge is not None)
    output.write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fit what scoring learns.")
    parser.add_argument("output", type=Path, help="the calibration to write")
    parser.add_argument("--name", required=True, help="what receipts call it")
    parser.add_argument("--answers", type=Path, required=True, help="JSON Lines of answers with verdicts")
    parser.add_argument("--selected", type=Path, required=True, help="the same, of answers that are hard to grade")
    parser.add_argument("--marked", type=Path, nargs="+", required=True, help="files of marked answers")
    parser.add_argument(
        "--judge", help="a judge that was trained on none of these answers; none to fit without a judge"
    )
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    main(given.output, given.name, given.answers, given.selected, given.marked, given.judge)
