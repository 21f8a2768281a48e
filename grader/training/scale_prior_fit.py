"""Learn how markers differ, from data sets that people marked.

Run as `python -m grader.training.scale_prior_fit --help`; `make train` does so with the files beside the checkout.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from grader.bank.library import Library
from grader.scoring.probability import JUDGED_READING_SIGNS
from grader.signals.reference import READING_SIGNS
from grader.training.calibration import load_witnessing
from grader.training.combination import Marked, fit_combination
from grader.training.marked_question import Array, MarkedQuestion, features
from grader.training.reading import measure, read_sets
from grader.training.scale_prior import ScalePrior

_START = (0.15, 0.0, 0.3, 0.3)  # the root of the own covariance (its lower triangle), and the noise
_LEAST = 1e-3  # variance: no marker is taken to be like all others
_DECIMALS = 5


def learn_prior(sets: Sequence[Sequence[MarkedQuestion]]) -> ScalePrior:
    """The prior under which the marks are likeliest, whatever each set has in common (restricted maximum likelihood).

    The variances of what a set has in common are mean squares over the sets: with few sets, no more can be said.
    """
    told = [_Told(questions) for questions in sets]
    found = minimize(lambda at: sum(one.surprise(at)[0] for one in told), np.array(_START), method="Nelder-Mead").x
    own = _covariance(found)
    shared = np.mean([one.surprise(found)[1] for one in told], axis=0)
    return ScalePrior(
        shared=(_rounded(shared[0]), _rounded(shared[1])),
        own=(_rounded(own[0, 0]), round(float(own[0, 1]), _DECIMALS), _rounded(own[1, 1])),
        noise=round(abs(float(found[3])), _DECIMALS),
    )


class _Told:
    """What the marks of a set tell, as sums over each question's answers."""

    def __init__(self, questions: Sequence[MarkedQuestion]) -> None:
        rows = [(features(one.scores), one.marks - one.scores) for one in questions]
        self._squares = np.array([row.T @ row for row, _ in rows])
        self._products = np.array([row.T @ gap for row, gap in rows])
        self._gaps = float(sum(gap @ gap for _, gap in rows))
        self._answers = sum(len(gap) for _, gap in rows)

    def surprise(self, at: Array) -> tuple[float, Array]:
        """Minus the restricted log-likelihood of the marks, and shape (2,): the squares of what all have in common.

        The squares are less the variance of that estimate, so that they are right on average.
        """
        own, noise = _covariance(at), at[3] ** 2
        precision, mean = self._squares / noise, self._products / noise
        spread = np.eye(2) + precision @ own
        shrunk = np.linalg.inv(spread)
        of_set, of_mean = (shrunk @ precision).sum(axis=0), (shrunk @ mean[..., None])[..., 0].sum(axis=0)
        shared: Array = np.linalg.solve(of_set, of_mean)
        explained = float(np.einsum("qi,ij,qj->", mean, own, (shrunk @ mean[..., None])[..., 0]))
        scatter = self._gaps / noise - explained - float(of_mean @ shared)
        volume = np.linalg.slogdet(spread)[1].sum() + np.linalg.slogdet(of_set)[1] + self._answers * np.log(noise)
        return 0.5 * (scatter + float(volume)), shared**2 - np.diag(np.linalg.inv(of_set))


def _covariance(at: Array) -> Array:
    root = np.array([[at[0], 0.0], [at[1], at[2]]])
    covariance: Array = root @ root.T
    return covariance


def _rounded(variance: float) -> float:
    return round(max(float(variance), _LEAST), _DECIMALS)


def unseen_questions(marked: Marked, signs: Mapping[str, int]) -> dict[str, list[MarkedQuestion]]:
    """By data set, its questions, scored by a combination that was fitted on the other sets."""
    found: dict[str, list[MarkedQuestion]] = {}
    for name in sorted(set(marked.sets)):
        left_out = marked.where(marked.sets == name)
        fitted = fit_combination("", signs, marked.where(marked.sets != name))
        scores = np.array([fitted.expect(dict(zip(signs, row, strict=True))) for row in left_out.features])
        found[name] = [
            _question(key, scores[rows], left_out.marks[rows])
            for key in dict.fromkeys(left_out.questions.tolist())
            for rows in [left_out.questions == key]
        ]
    return found


def _question(key: str, scores: Array, marks: Array) -> MarkedQuestion:
    return MarkedQuestion(key, None, scores, marks, np.ones_like(scores))


def main(output: Path, files: Sequence[Path], judge: str | None) -> None:
    """Learn from files of marked answers, and write the prior."""
    marked = measure(read_sets(files), load_witnessing(Library([]), judge))
    signs = {**READING_SIGNS, **JUDGED_READING_SIGNS} if judge else READING_SIGNS
    prior = learn_prior(list(unseen_questions(marked, signs).values()))
    output.write_text(prior.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Learn how markers differ.")
    parser.add_argument("output", type=Path, help="the prior to write")
    parser.add_argument("--marked", type=Path, nargs="+", required=True, help="files of marked answers")
    parser.add_argument(
        "--judge", help="a judge that was trained on none of these answers; none to learn without a judge"
    )
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    main(given.output, given.marked, given.judge)
