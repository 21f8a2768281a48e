"""`grader calibrate`: a teacher marks a few answers, the rest follow."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.marked import File, Marks, grade_rows, mark_range
from grader.cli.options import AsJson, Given, settings, shared_options
from grader.cli.output import Force, refuse_overwriting, write_whole
from grader.errors import DatasetError, Fault

if TYPE_CHECKING:
    from grader.scoring.scale import Scales
    from grader.training.few_marks import FewMarks
    from grader.training.marked_question import MarkedQuestion
    from grader.training.scale_prior import ScalePrior
    from grader.training.scale_report import ScaleReport


@shared_options("banks", "model", "judge", "device", "dtype", "cache_dir")
def calibrate(
    file: File,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", envvar="GRADER_OUTPUT", help="Write the scale to this JSON file.")
    ] = None,
    marks: Marks = None,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve", envvar="GRADER_CURVE", help="Tell the error by number of marks: 0, 5, 10 and 20 of a question."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(envvar="GRADER_SEED", min=0, help="Where --curve's draws start from.")] = 0,
    force: Force = False,
    as_json: AsJson = False,
    *,
    given: Given,
) -> None:
    """Learn a marker's scale from a few marked answers to each question: five do, two are the least.

    Columns are those of grader evaluate: question_id, answer, human_score, and question and reference for questions of
    no bank. Grades follow the scale where it is given to grader grade, evaluate, audit or serve by --scale or
    GRADER_SCALE. A question whose marks, each predicted from the others, are not met better on the scale keeps its
    scores. A bank's questions without marks follow those with marks. What guards and claimed misconceptions leave of a
    score at most, they leave on any scale, and a score of 0 stays 0.

    Examples: grader calibrate marks.csv -o scale.json; grader grade ds25-11 "…" --scale scale.json
    """
    from grader.bank.library import load_library
    from grader.evaluation.datasets import read_marked
    from grader.evaluation.graded import complete

    chosen = settings(**given)
    refuse_overwriting(output, force=force)
    marked = read_marked(file, mark_range(marks))
    library = load_library(chosen.banks, chosen.cache_dir)
    marked = complete(file, marked, library)

    from grader import __version__
    from grader.loading import load_grader
    from grader.rooms import models_folder
    from grader.training.marks import marked_questions
    from grader.training.scale import fit_scales
    from grader.training.scale_prior import load_prior
    from grader.training.scale_report import report, scales_of

    grader = load_grader(chosen.model_copy(update={"scale": None}), library)
    graded = grade_rows(marked, grader)
    questions = marked_questions(graded, library)
    _check_marks(file, questions)
    prior = load_prior(models_folder() / "calibration" / "scale_prior.json")
    fitted = fit_scales(questions, prior)
    scales = scales_of(fitted, {"grader_version": __version__, **grader.models.named})
    told = report(file.name, graded, fitted, _curve(questions, prior, seed) if curve else (), scales)
    _tell(told, scales, output, as_json=as_json)


def _check_marks(file: Path, questions: tuple[MarkedQuestion, ...]) -> None:
    from grader.training.scale import LEAST_MARKS

    if all(len(question) < LEAST_MARKS for question in questions):
        reason = (
            f"no question has {LEAST_MARKS} marks or more of answers that were graded and not capped; mark five of each"
        )
        raise DatasetError([Fault(str(file), None, "human_score", reason)])


def _curve(questions: tuple[MarkedQuestion, ...], prior: ScalePrior, seed: int) -> tuple[FewMarks, ...]:
    from grader.cli.progress import progress_bar
    from grader.training.few_marks import draws_of, few_marks

    with progress_bar("drawing", draws_of(questions)) as progress:
        return tuple(few_marks(questions, prior, seed, progress))


def _tell(told: ScaleReport, scales: Scales, output: Path | None, *, as_json: bool) -> None:
    if output is not None:
        write_whole(output, scales.model_dump_json(indent=2) + "\n")
        typer.echo(f"wrote {output}", err=True)
    if as_json:
        typer.echo(json.dumps(asdict(told), indent=2, ensure_ascii=False, allow_nan=False))
        return
    from grader.cli.calibrate_table import show_scales

    show_scales(told)
