"""`grader train-judge`: a judge that learns from marked answers."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from math import ceil
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.marked import Marks, mark_range
from grader.cli.options import AsJson, BankPaths, CacheDir, Device, Dtype, Model, settings
from grader.cli.output import Force, refuse_overwriting

if TYPE_CHECKING:
    from grader.settings import Settings
    from grader.training.judge.accuracy import Measured
    from grader.training.judge.checkpoint import Checkpoint
    from grader.training.judge.examples import Parted
    from grader.training.judge.gather import Sources
    from grader.training.judge.plan import Plan
    from grader.training.judge.report import TrainingReport
    from grader.training.judge.start import Start
    from grader.training.judge.training import Training

Files = list[Path] | None


def train_judge(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The judge to write: a .safetensors file.")],
    marked: Annotated[
        Files,
        typer.Option(metavar="FILE", envvar="GRADER_MARKED", help="Marked answers: .csv, .tsv, .jsonl or .parquet."),
    ] = None,
    marks: Marks = None,
    bank: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", envvar="GRADER_BANK", help="A bank whose graded example answers are learnt from."),
    ] = None,
    sentences: Annotated[
        Files,
        typer.Option(metavar="FILE", envvar="GRADER_SENTENCES", help="Sentences that say, deny or miss a criterion."),
    ] = None,
    answered: Annotated[
        Files,
        typer.Option(
            metavar="FILE",
            envvar="GRADER_ANSWERED",
            help="Questions with answers, each with the statements that it says and denies.",
        ),
    ] = None,
    entailment: Annotated[
        Files, typer.Option(metavar="FILE", envvar="GRADER_ENTAILMENT", help="Pairs: premise, hypothesis, label.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(envvar="GRADER_PAIRS", min=1, help="At most so many pairs of each such file.")
    ] = None,
    start: Annotated[
        str,
        typer.Option(
            envvar="GRADER_START",
            help="What to begin from: a judge by name, a judge's .safetensors file, or all-MiniLM-L6-v2 for none.",
        ),
    ] = "claims-3",
    hold_out: Annotated[
        bool,
        typer.Option(
            "--hold-out/--no-hold-out",
            envvar="GRADER_HOLD_OUT",
            help="Keep every fifth question apart and measure on it, or train on all.",
        ),
    ] = True,
    passes: Annotated[
        int, typer.Option(envvar="GRADER_PASSES", min=1, max=100, help="How often each example is seen.")
    ] = 2,
    batch: Annotated[int, typer.Option(envvar="GRADER_BATCH", min=1, max=4096, help="Examples of a step.")] = 32,
    rate: Annotated[
        float, typer.Option(envvar="GRADER_RATE", min=1e-8, max=1, help="The learning rate at its highest.")
    ] = 7e-5,
    seed: Annotated[int, typer.Option(envvar="GRADER_SEED", min=0, help="Where chance starts from.")] = 0,
    limit: Annotated[
        int | None, typer.Option(envvar="GRADER_LIMIT", min=1, help="Train on at most so many examples.")
    ] = None,
    rehearse: Annotated[
        bool,
        typer.Option(
            "--rehearse/--no-rehearse",
            envvar="GRADER_REHEARSE",
            help="Mix in what the judge was taught with, so that it does not forget it.",
        ),
    ] = True,
    restart: Annotated[
        bool, typer.Option("--restart", envvar="GRADER_RESTART", help="Begin anew, not where a killed run stopped.")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
    banks: BankPaths = None,
    model: Model = None,
    device: Device = None,
    dtype: Dtype = None,
    cache_dir: CacheDir = None,
) -> None:
    """Train the judge further on your own marked answers, and tell whether it got better.

    Columns of marked answers are those of grader evaluate. An answer with full marks says the reference nearest to it,
    one with half the marks or less does not; those between are left out. Every fifth question is kept apart, and the
    judge asked about its answers before and after: better is who judges more of them right and tells those that say the
    reference as well from those that do not. If it did not get better, it is written all the same, and the exit status
    is 1.

    A killed training goes on where it stopped: it keeps OUT.progress until it is done. Five hundred answers take about
    a minute on two cores.

    Examples: grader train-judge mine.safetensors --marked marks.csv; grader evaluate new.csv --judge mine.safetensors
    """
    from grader.bank.library import load_library
    from grader.training.judge.gather import Sources

    chosen = settings(banks=banks, model=model, device=device, dtype=dtype, cache_dir=cache_dir)
    sources = Sources(
        tuple(marked or ()),
        mark_range(marks),
        tuple(bank or ()),
        tuple(sentences or ()),
        tuple(answered or ()),
        tuple(entailment or ()),
        pairs,
    )
    _check_usage(output, sources, chosen, force=force)
    library = load_library(chosen.banks, chosen.cache_dir)
    for bank_id in sources.banks:
        library.bank(bank_id)

    from grader.cli.progress import progress_bar
    from grader.encoders.sentence import load_encoder
    from grader.training.judge.examples import Parted
    from grader.training.judge.gather import gather
    from grader.training.judge.plan import Plan
    from grader.training.judge.rehearsal import SHARE, rehearsal
    from grader.training.judge.start import find_start

    beginning = find_start(start)
    encoder_of = cache(lambda: load_encoder(chosen.model, chosen.device, chosen.dtype))
    with progress_bar("reading", None):
        examples = gather(sources, library, encoder_of, seed, hold_out=hold_out).limited(limit, seed)
    if not examples.train:
        raise typer.BadParameter("no example is left to train on: every usable answer is held out, or none is usable")
    if rehearse:
        held = {one.group for one in examples.held}
        examples += Parted(rehearsal(ceil(SHARE * len(examples.train)), library, held, seed))
    told = _train(output, examples, beginning, Plan(passes, batch, rate, seed), chosen, restart=restart)
    _tell(told, as_json=as_json)
    raise typer.Exit(int(told.better is False))


def _check_usage(output: Path, sources: Sources, chosen: Settings, *, force: bool) -> None:
    """Tell what is wrong before anything is read.

    Raises:
        typer.BadParameter: something is.
    """
    if output.suffix != ".safetensors":
        raise typer.BadParameter(f"{output} must end in .safetensors, as judges do", param_hint="OUT")
    if not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}", param_hint="OUT")
    refuse_overwriting(output, force=force, named="OUT")
    if not sources:
        raise typer.BadParameter(
            "nothing to learn from: give --marked, --bank, --sentences, --answered or --entailment"
        )
    if chosen.dtype == "fp16":
        raise typer.BadParameter("--dtype: gradients do not fit into fp16; train in bf16 or fp32")


def _train(
    output: Path, examples: Parted, start: Start, plan: Plan, chosen: Settings, *, restart: bool
) -> TrainingReport:
    from grader.encoders.device import place
    from grader.training.judge.checkpoint import Checkpoint
    from grader.training.judge.report import TrainingReport, source_reports
    from grader.training.judge.training import Training

    begun = monotonic()
    placement = place(chosen.device, chosen.dtype)
    training = Training(examples, start, placement, plan)
    checkpoint = Checkpoint(output.with_name(f"{output.name}.progress"), training.run)
    if restart:
        checkpoint.remove()
    before = _measure(training, len(examples.held), "before")
    resumed = training.resume(checkpoint)
    after = _learn(training, checkpoint, examples, resumed)
    training.write(output)
    checkpoint.remove()
    return TrainingReport(
        output=str(output),
        sources=source_reports(examples, before, after),
        trained=len(examples.train),
        held=len(examples.held),
        steps=training.steps,
        resumed=resumed,
        seconds=round(monotonic() - begun, 1),
        before=before.overall if before else None,
        after=after.overall if after else None,
        better=after.beats(before) if before and after else None,
        receipt=_receipt(start, plan, training),
    )


def _learn(training: Training, checkpoint: Checkpoint, examples: Parted, resumed: int) -> Measured | None:
    """Every pass, each with what it comes to; the last one's accuracy."""
    from grader.cli.progress import progress_bar

    if resumed:
        typer.echo(f"goes on after {resumed:,} of {training.steps:,} steps", err=True)
    found = None
    for number in range(training.plan.passes):
        named = f"pass {number + 1} of {training.plan.passes}"
        with progress_bar(named, len(examples.train)) as progress:
            training.learn(number, checkpoint, progress)
        found = _measure(training, len(examples.held), named)
    return found


def _measure(training: Training, held: int, named: str) -> Measured | None:
    """The accuracy on what is held out, told."""
    from grader.cli.progress import progress_bar
    from grader.evaluation.wording import share

    with progress_bar("measuring", held) as progress:
        found = training.measure(progress)
    if found is not None:
        told = f"{named}: {share(found.overall.right)} of {held:,} held-out examples judged right"
        typer.echo(f"{told} (loss {found.overall.loss:.3f})", err=True)
    return found


def _receipt(start: Start, plan: Plan, training: Training) -> dict[str, str]:
    from grader import __version__

    settled = {name: str(value) for name, value in asdict(plan).items()}
    return {"grader_version": __version__, "started_from": start.name, **settled, **training.run}


def _tell(told: TrainingReport, *, as_json: bool) -> None:
    typer.echo(f"wrote {told.output}", err=True)
    if as_json:
        typer.echo(json.dumps(asdict(told), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from grader.cli.train_judge_table import show_training

        show_training(told)
    if told.better is False:
        typer.echo("the judge did not get better on what was held out: keep the one you had", err=True)
