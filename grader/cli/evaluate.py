"""`grader evaluate`: how near the grades come to people's marks."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.marked import File, Marks, grade_rows, mark_range
from grader.cli.options import GRADING, AsJson, Given, settings, shared_options
from grader.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.bank.library import Library
    from grader.encoders.protocol import Encoder
    from grader.evaluation.datasets import MarkedAnswer
    from grader.evaluation.evaluation import Evaluation
    from grader.evaluation.graded import GradedAnswer
    from grader.evaluation.metrics import Floats
    from grader.evaluation.remote import RemoteGrades
    from grader.grading import Grader
    from grader.llm.judge import ChatJudge
    from grader.settings import Settings

_REPORT_LIBRARIES = ("jinja2", "matplotlib")


@shared_options(*GRADING, "scale", "max_answer_bytes")
def evaluate(
    file: File,
    marks: Marks = None,
    pass_mark: Annotated[
        float | None,
        typer.Option(
            envvar="GRADER_PASS_MARK", min=0, max=1, help="The mark, from 0 to 1, of a good answer. Default: 0.6."
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(envvar="GRADER_REPORT", help="Write a report with plots to this HTML file.")
    ] = None,
    resamples: Annotated[
        int, typer.Option(envvar="GRADER_RESAMPLES", min=100, max=100_000, help="Resamples for the intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option(envvar="GRADER_SEED", min=0, help="Where the resampling starts from.")] = 0,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", envvar="GRADER_BASELINES", help="Score the baselines too.")
    ] = True,
    answers: Annotated[
        bool,
        typer.Option(
            "--answers/--no-answers", envvar="GRADER_ANSWERS", help="Show answers in the JSON and the report."
        ),
    ] = True,
    as_json: AsJson = False,
    *,
    given: Given,
) -> None:
    """Compare grades with people's marks.

    Columns: question_id, question, reference, answer, human_score; optional: human_score_2 (a second person's mark),
    group (to report apart), max_score (the row's full mark). Other names that are read: response, submitted_answer or
    student_answer for answer; score or mark for human_score, score_2 or mark_2 for human_score_2; references or
    reference_answer for reference.

    Several references in one cell are joined by " ||| ". A row without a reference is graded by the rubric of its
    question_id in a bank; the others by their own question and references.
    """
    from grader.bank.library import load_library
    from grader.evaluation.datasets import read_marked
    from grader.evaluation.graded import complete

    chosen = settings(**given, threshold=pass_mark)
    _check_report(report)
    _check_scale(chosen.scale)
    marked = read_marked(file, mark_range(marks))
    library = load_library(chosen.banks, chosen.cache_dir)
    marked = complete(file, marked, library)
    graded, scores, models, remote = _grade(chosen, marked, library, baselines=baselines)

    from grader import __version__
    from grader.evaluation.bootstrap import Resamples
    from grader.evaluation.evaluation import Plan
    from grader.evaluation.evaluation import evaluate as compare

    receipt = {"grader_version": __version__, **models}
    plan = Plan(chosen.threshold, Resamples(resamples, seed), answers, receipt)
    found = compare(file.name, graded, scores, plan, remote)
    _tell(found, as_json=as_json, report=report)


def _check_scale(scale: Path | None) -> None:
    """Tell the range of marks from a marker's scale: both are called so by those who mark."""
    if scale is not None and ":" in scale.name and not scale.exists():
        raise typer.BadParameter(
            f"--scale takes a file that grader calibrate wrote; the range of marks is told by --marks {scale}"
        )


def _check_report(report: Path | None) -> None:
    """Tell before the minutes that grading takes that a report could not be written.

    Raises:
        ExtraMissing: the report's libraries are not installed.
    """
    if report is None:
        return
    for library in _REPORT_LIBRARIES:
        if find_spec(library) is None:
            raise ExtraMissing(library, "report")
    if not report.absolute().parent.is_dir():
        raise typer.BadParameter(f"--report: there is no folder {report.parent}")


def _grade(
    chosen: Settings, marked: tuple[MarkedAnswer, ...], library: Library, *, baselines: bool
) -> tuple[tuple[GradedAnswer, ...], Mapping[str, Floats], dict[str, str], RemoteGrades | None]:
    """Every row graded, the baselines' scores, what the grades rest on, and the grades with a language model."""
    from grader.loading import load_grader, remote_judge

    remote = remote_judge(chosen)
    grader = load_grader(chosen, library)
    graded = grade_rows(marked, grader)
    scores = _baselines(marked, library, grader.encoder) if baselines else {}
    return graded, scores, grader.models.named, None if remote is None else _remote(chosen, marked, grader, remote)


def _remote(chosen: Settings, marked: tuple[MarkedAnswer, ...], grader: Grader, remote: ChatJudge) -> RemoteGrades:
    from grader.evaluation.remote import RemoteGrades

    asking = grader.asking(remote, "always" if chosen.judge_mode == "always" else "review")
    return RemoteGrades(remote.identity, chosen.judge_mode, grade_rows(marked, asking), remote.tally())


def _baselines(marked: tuple[MarkedAnswer, ...], library: Library, encoder: Encoder) -> Mapping[str, Floats]:
    from grader.cli.progress import progress_bar
    from grader.evaluation import baselines
    from grader.evaluation.graded import with_references

    answers = tuple(with_references(marked, library))
    with progress_bar("baselines", len(answers)) as progress:
        return {
            "cosine": baselines.cosine(answers, encoder, progress),
            "tfidf": baselines.tfidf(answers),
            "token_f1": baselines.token_f1(answers),
            "length": baselines.length(answers),
        }


def _tell(found: Evaluation, *, as_json: bool, report: Path | None) -> None:
    if report is not None:
        from grader.evaluation.report import render_report

        try:
            report.write_text(render_report(found), encoding="utf-8")
        except OSError as error:
            raise typer.BadParameter(f"--report: {report}: {error.strerror}") from error
        typer.echo(f"wrote {report}", err=True)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False, allow_nan=False))
        return
    from grader.cli.evaluate_table import show_evaluation

    show_evaluation(found)
