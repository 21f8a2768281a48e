"""`grader keys`: who may use the service; `grader store`: what it keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from grader.cli.options import AsJson
from grader.cli.remote import Server
from grader.cli.serve import DatabaseUrl, DataDir, service_settings

if TYPE_CHECKING:
    from pathlib import Path

    from grader_api.store.database import Database
    from grader_api.store.keys import Key

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The service's API keys.")
store_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What the service keeps.")
_WIDTH = 120
_LONGEST = 200


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use the key.")],
    scope: Annotated[
        list[str],
        typer.Option(help="grade, read, author (banks), review (overrides) or admin; may be repeated."),
    ],
    tenant: Annotated[
        str, typer.Option(envvar="GRADER_TENANT", help="Whose grades and banks the key opens, and no other's.")
    ] = "default",
    as_json: AsJson = False,
    server: Server = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it. It is shown this once: only its hash is kept.

    Example: grader keys create "practice site" --scope grade --scope read
    """
    _refuse_server(server, database_url)
    with _database(database_url, data_dir) as database:
        from grader_api.store.keys import Scope, create_key

        known = {one.value for one in Scope}
        if wrong := [one for one in scope if one not in known]:
            raise typer.BadParameter(f"no scope {wrong[0]!r}: choose from {', '.join(sorted(known))}")
        for option, text in (("NAME", name), ("--tenant", tenant)):
            if not text.isprintable() or not 0 < len(text) <= _LONGEST:
                raise typer.BadParameter(f"{option} is one line of at most {_LONGEST} characters")
        with database.write() as connection:
            key, text = create_key(connection, tenant, name, [Scope(one) for one in scope])
    typer.echo(json.dumps(_row(key) | {"key": text}, indent=2) if as_json else text)
    if not as_json:
        typer.echo(f"key {key.id} of tenant {tenant}; keep it: it is not shown again", err=True)


@app.command("list")
def list_all(
    as_json: AsJson = False, server: Server = None, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """List the keys, revoked ones too."""
    _refuse_server(server, database_url)
    with _database(database_url, data_dir) as database:
        from grader_api.store.keys import list_keys

        with database.read() as connection:
            rows = [_row(key) for key in list_keys(connection)]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "tenant", "name", "scopes", "created_at", "revoked_at"):
        table.add_column(name.removesuffix("_at"))
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(width=_WIDTH, highlight=False, markup=False).print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id: see grader keys list.")],
    server: Server = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key; a running service refuses it within a second. Exit status 1 if no valid key has the id."""
    _refuse_server(server, database_url)
    with _database(database_url, data_dir) as database:
        from grader_api.store.keys import revoke_key

        with database.write() as connection:
            revoked = revoke_key(connection, key_id)
    typer.echo(f"key {key_id} is revoked" if revoked else f"no valid key has the id {key_id}", err=not revoked)
    raise typer.Exit(int(not revoked))


@store_app.command()
def verify(as_json: AsJson = False, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Check the log's chain, and every grade, override and bank against it; exit status 1 if something was changed."""
    with _database(database_url, data_dir) as database:
        from grader_api.store.log import verify as faults_of

        with database.read() as connection:
            faults = faults_of(connection)
    if as_json:
        typer.echo(json.dumps(faults, indent=2))
    else:
        typer.echo("\n".join(faults) or "all is as it was written")
    raise typer.Exit(int(bool(faults)))


def _refuse_server(server: str | None, database_url: str | None) -> None:
    """Keys are made in the database and not over the network, where a stolen one could make others.

    Raises:
        typer.BadParameter: a service is named, and so the database of this machine is hardly what is meant.
    """
    if server and not database_url:
        raise typer.BadParameter(
            "keys are made beside the database and not by the service: run this on the service's machine without "
            "--server and GRADER_SERVER, or name the service's database by --database-url",
            param_hint="--server",
        )


@contextmanager
def _database(url: str | None, folder: Path | None) -> Iterator[Database]:
    chosen = service_settings(database_url=url, data_dir=folder)
    from grader_api.store.database import Database

    database = Database(chosen.database)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def _row(key: Key) -> dict[str, str]:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "scopes": " ".join(sorted(key.scopes)),
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "revoked_at": key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else "",
    }
