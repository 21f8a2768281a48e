"""`grader chat`: an interview in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.options import GRADING, AsJson, Given, settings, shared_options

if TYPE_CHECKING:
    from grader.bank.library import Library
    from grader.bank.question import Bank
    from grader.grading import Grader
    from grader.interview.interview import Reply, Result
    from grader.interview.plan import Options
    from grader.settings import Settings

_WIDTH = 100  # columns at most: longer lines are hard to read
_PROMPT = "> "


@shared_options(*GRADING, "threshold")
def chat(
    bank: Annotated[str, typer.Argument(metavar="BANK", help="The bank to be asked from: see grader bank list.")],
    questions: Annotated[
        int, typer.Option(envvar="GRADER_QUESTIONS", min=1, max=1000, help="How many questions to ask.")
    ] = 5,
    topic: Annotated[str | None, typer.Option(envvar="GRADER_TOPIC", help="Only questions of this topic.")] = None,
    difficulty: Annotated[
        int | None, typer.Option(envvar="GRADER_DIFFICULTY", min=1, max=3, help="Only questions of this difficulty.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(envvar="GRADER_SEED", min=0, help="Another order of the questions. Default: the bank's."),
    ] = None,
    as_json: AsJson = False,
    *,
    given: Given,
) -> None:
    """Be interviewed: answer a bank's questions, one line each, and hear what was right and what is missing.

    Say hint, repeat, skip or stop at any time. With --json the results go to stdout and the talk to stderr.
    """
    from grader.bank.library import load_library
    from grader.interview.plan import Options, plan

    chosen = settings(**given)
    library = load_library(chosen.banks, chosen.cache_dir)
    options = Options(questions=questions, topic=topic, difficulty=difficulty, seed=seed)
    plan(library.bank(bank), options)  # what cannot be asked is told before the seconds that a model takes to load
    last = _talk(_loaded(chosen, library), library.bank(bank), options, to_stderr=as_json)
    if as_json:
        typer.echo(json.dumps(_told(bank, last), indent=2, ensure_ascii=False))


def _loaded(chosen: Settings, library: Library) -> Grader:
    from rich.console import Console

    from grader.loading import load_grader, remote_judge

    language_model = remote_judge(chosen)
    with Console(stderr=True).status("Loading the model …"):
        return load_grader(chosen, library, language_model)


def _talk(grader: Grader, bank: Bank, options: Options, *, to_stderr: bool) -> Reply:
    """The whole conversation; the end of the input ends it."""
    from grader.interview.interview import interview, reply, to_grade
    from grader.interview.transcript import Message

    messages: list[Message] = []
    heard = _heard()
    while True:
        held = interview(bank, options, messages)
        said = reply(held, grader.grade_many(to_grade(held)))
        _say(said.text, to_stderr=to_stderr)
        if said.over:
            return said
        messages.append(Message("assistant", said.text))
        messages.append(Message("user", next(heard, "stop")))


def _heard() -> Iterator[str]:
    """What the candidate says, line by line; empty lines are passed over."""
    while True:
        if sys.stdin.isatty():
            try:
                line = input(_PROMPT)
            except (EOFError, KeyboardInterrupt):
                typer.echo(err=True)
                return
        else:
            line = sys.stdin.readline()
            if not line:
                return
        if line.strip():
            yield line.strip()


def _say(text: str, *, to_stderr: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=to_stderr, highlight=False)
    words = Text(text)
    words.highlight_regex(r"(?m)^(Question \d+ of \d+:|Follow-up on question \d+ of \d+:|Hint to [^:]+:)", "bold cyan")
    words.highlight_regex(r"(?m)^(Score|Together): [\d.]+ of [\d.]+\.|^That was the interview[^\n]*", "bold")
    console.print(words, "", sep="\n", width=min(console.width, _WIDTH))


def _told(bank: str, last: Reply) -> dict[str, Any]:  # Any: JSON
    return {
        "bank": bank,
        "points": sum(one.grade.points or 0 for one in last.results if one.grade),
        "max_points": sum(one.question.max_points for one in last.results),
        "results": [_result(one) for one in last.results],
    }


def _result(one: Result) -> dict[str, Any]:  # Any: JSON
    return {
        "question_id": one.question.id,
        "question": one.question.question,
        "answers": list(one.answers),
        "hints": one.hints,
        "grade": one.grade.model_dump(mode="json") if one.grade else None,
    }
