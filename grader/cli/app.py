"""The `grader` command."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from grader import __version__
from grader.cli import (
    audit,
    bank,
    bank_import,
    batch,
    calibrate,
    chat,
    doctor,
    evaluate,
    grade,
    grades,
    keys,
    mcp,
    models,
    questions,
    serve,
    store,
    train_judge,
)
from grader.errors import GraderError

app = typer.Typer(
    name="grader",
    help="Grade free-text answers by what they claim.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("grade")(grade.grade)
app.command("batch")(batch.batch)
bank.app.command("import")(bank_import.import_bank)
app.add_typer(bank.app, name="bank")
app.add_typer(questions.app, name="questions")
app.add_typer(grades.app, name="grades")
app.add_typer(models.app, name="models")
app.command("evaluate")(evaluate.evaluate)
app.command("audit")(audit.audit)
app.command("calibrate")(calibrate.calibrate)
app.command("train-judge")(train_judge.train_judge)
app.command("chat")(chat.chat)
app.command("mcp")(mcp.mcp)
app.command("serve")(serve.serve)
app.add_typer(keys.app, name="keys")
app.add_typer(store.app, name="store")
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grader {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command line: exit status 0 fine, 1 what was checked failed, 2 wrong usage or an error of ours named."""
    try:
        app()
    except GraderError as error:
        _fail(str(error))
    except ValidationError as error:
        _fail("; ".join(_told(detail["loc"], detail["msg"]) for detail in error.errors()))
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        sys.exit(0)
    finally:
        gc.freeze()  # else all that is loaded is searched for garbage at the end, which takes a second


def _told(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(map(str, place))
    plain = message.removeprefix("Value error, ")
    return f"{where}: {plain}" if where else plain


def _fail(message: str) -> None:
    for line in message.splitlines():
        typer.echo(f"error: {line}", err=True)
    sys.exit(2)
