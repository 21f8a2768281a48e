"""`grader models`: the pinned models, and whether the files on this machine are they."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from grader.cli.options import AsJson
from grader.errors import ModelError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The models and judges that grade.")


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the registered models and judges."""
    from grader.encoders.registry import load_registry

    registry = load_registry()
    if as_json:
        typer.echo(registry.model_dump_json(indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("name", "kind", "source", "revision", "licence", "dimension", "window"):
        table.add_column(heading)
    for name, model in registry.models.items():
        shown = f"{name} (default)" if name == registry.default else name
        size = (str(model.dimension), str(model.window))
        table.add_row(shown, "encoder", model.source, model.revision[:12], model.licence, *size)
    for name, judge in registry.judges.items():
        shown = f"{name} (default)" if name == registry.default_judge else name
        table.add_row(shown, "judge", f"over {judge.over}", judge.sha256[:12], judge.licence)
    Console(width=120).print(table)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Compare the SHA-256 of every file of what is registered; exit status 1 if one differs or is missing."""
    from grader.encoders.registry import check_files, load_registry, registered_files

    results = {}
    for name in (*load_registry().models, *load_registry().judges):
        try:
            folder, pinned = registered_files(name)
            check_files(folder, pinned)
            results[name] = f"ok: {len(pinned)} {'file' if len(pinned) == 1 else 'files'}"
        except ModelError as error:
            results[name] = str(error)
    failed = any(not result.startswith("ok") for result in results.values())
    if as_json:
        typer.echo(json.dumps(results, indent=2))
    else:
        for name, result in results.items():
            typer.echo(f"{name}: {result}")
    raise typer.Exit(int(failed))
