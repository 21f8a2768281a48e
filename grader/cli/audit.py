"""`grader audit`: how many attacks get through."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import GRADING, AsJson, Given, settings, shared_options

if TYPE_CHECKING:
    from grader.bank.library import Library
    from grader.bank.question import Bank
    from grader.evaluation.audit import Audit
    from grader.settings import Settings


@shared_options(*GRADING, "scale", "threshold")
def audit(
    bank_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[BANK]...", help="Banks by id; without any, every bank at hand.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", envvar="GRADER_STRICT", help="Exit with status 1 if more is accepted than a limit."),
    ] = False,
    max_accepted: Annotated[
        float | None,
        typer.Option(
            envvar="GRADER_MAX_ACCEPTED", min=0, max=1, help="One limit for every attack, in place of its own."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(envvar="GRADER_SEED", min=0, help="Where the attacks' chance starts from.")] = 0,
    as_json: AsJson = False,
    *,
    given: Given,
) -> None:
    """Attack every question of a bank, and tell the share of attacks that reach the pass mark.

    Limits: 1 % of repeated questions, gibberish, answers to other questions and instructions; 5 % of shuffled words,
    keyword lists, and of wrong answers that pass by padding or odd characters; 15 % of right answers that are negated
    or taken back. Beside them: how many right answers are accepted. --json holds every attack that was accepted.
    """
    from grader.bank.library import load_library

    chosen = settings(**given)
    library = load_library(chosen.banks, chosen.cache_dir)
    attacked = tuple(library.bank(name) for name in bank_ids) if bank_ids else library.banks
    found = _audit(chosen, library, attacked, seed, max_accepted)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from grader.cli.audit_table import show_audit

        show_audit(found)
    raise typer.Exit(int(strict and any(outcome.too_many for outcome in found.outcomes)))


def _audit(chosen: Settings, library: Library, attacked: tuple[Bank, ...], seed: int, limit: float | None) -> Audit:
    from grader import __version__
    from grader.cli.progress import progress_bar
    from grader.evaluation.attacks import attack
    from grader.evaluation.audit import Audit, accepted_attacks, count_answers, grade_attacks, outcomes, refused_answers
    from grader.evaluation.targets import bank_targets
    from grader.loading import load_grader, remote_judge

    remote = remote_judge(chosen)
    grader = load_grader(chosen, library)
    targets = [target for bank in attacked for target in bank_targets(bank, seed)]
    tries = attack(targets, seed)
    with progress_bar("attacking", count_answers(tries)) as progress:
        judged = grade_attacks(tries, grader, progress)
    receipt = {"grader_version": __version__, **grader.models.named}
    local = None
    if remote is not None:
        local = outcomes(judged, chosen.threshold, limit)
        receipt |= {"remote_judge": remote.identity, "judge_mode": chosen.judge_mode}
        asking = grader.asking(remote, "always" if chosen.judge_mode == "always" else "review")
        with progress_bar("attacking the language model", count_answers(tries)) as progress:
            judged = grade_attacks(tries, asking, progress)
    return Audit(
        banks=tuple(bank.bank for bank in attacked),
        questions=len(targets),
        pass_mark=chosen.threshold,
        seed=seed,
        outcomes=outcomes(judged, chosen.threshold, limit),
        accepted=accepted_attacks(judged, chosen.threshold),
        refused=refused_answers(judged, chosen.threshold),
        receipt=receipt,
        local=local,
        judging=None if remote is None else remote.tally(),
    )
