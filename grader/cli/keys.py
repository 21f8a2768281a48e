"""`grader keys`: who may use the service, asked of it or read in its database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.table import Table

from grader.cli.options import AsJson
from grader.cli.remote import Server, connect
from grader.cli.serve import DatabaseUrl, DataDir, service_settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from grader_api.schemas import KeyCreate, KeyMade, KeyOut

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The service's API keys.")
_WIDTH = 120
_LONGEST = 200


class Keys(Protocol):
    """Where keys are kept: a service, which has those of one tenant, or a database at hand."""

    def create_key(self, create: KeyCreate) -> KeyMade:
        """Make a key; its text is shown once."""
        ...

    def list_keys(self) -> tuple[KeyOut, ...]:
        """Every key, oldest first, revoked ones too."""
        ...

    def revoke_key(self, key_id: str) -> KeyOut:
        """Revoke a key."""
        ...


@app.command()
def create(
    context: typer.Context,
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

    With --server it is a key of the tenant of GRADER_API_KEY, which must have the scope admin.

    Example: grader keys create "practice site" --scope grade --scope read
    """
    wanted = _wanted(name, scope, tenant)
    with _keys(context, server, tenant, database_url, data_dir) as keys:
        made = keys.create_key(wanted)
        if made.key is None:
            keys.revoke_key(made.id)
    if made.key is None:
        typer.echo(f"the connection broke when key {made.id} was told, so it is revoked: make another", err=True)
        raise typer.Exit(1)
    typer.echo(json.dumps(_row(made) | {"key": made.key}, indent=2) if as_json else made.key)
    if not as_json:
        typer.echo(f"key {made.id} of tenant {made.tenant}; keep it: it is not shown again", err=True)


@app.command("list")
def list_all(
    context: typer.Context,
    as_json: AsJson = False,
    server: Server = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """List the keys, revoked ones too."""
    with _keys(context, server, "default", database_url, data_dir) as keys:
        rows = [_row(key) for key in keys.list_keys()]
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
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id: see grader keys list.")],
    server: Server = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key; a running service refuses it within a second. Exit status 1 if no valid key has the id."""
    with _keys(context, server, "default", database_url, data_dir) as keys:
        from grader_api.errors import NotThere
        from grader_api.problems import Kind, ProblemError

        try:
            keys.revoke_key(key_id)
        except (NotThere, ProblemError) as error:
            kind = error.kind if isinstance(error, NotThere) else error.kind.uri
            if kind != Kind.UNKNOWN_KEY.uri:
                raise
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
    typer.echo(f"key {key_id} is revoked")


def _wanted(name: str, scopes: list[str], tenant: str) -> KeyCreate:
    from grader_api.schemas import KeyCreate
    from grader_api.scopes import Scope

    known = {one.value for one in Scope}
    if wrong := [one for one in scopes if one not in known]:
        raise typer.BadParameter(f"no scope {wrong[0]!r}: choose from {', '.join(sorted(known))}")
    for option, text in (("NAME", name), ("--tenant", tenant)):
        if not text.isprintable() or not 0 < len(text) <= _LONGEST:
            raise typer.BadParameter(f"{option} is one line of at most {_LONGEST} characters")
    return KeyCreate(name=name, scopes=tuple(sorted({Scope(one) for one in scopes})))


def _keys(
    context: typer.Context, server: str | None, tenant: str, url: str | None, folder: Path | None
) -> AbstractContextManager[Keys]:
    """The keys of the service, or those in the database that the settings name.

    Raises:
        ExtraMissing: there is no service to ask, and its libraries are not installed here.
    """
    if server:
        return connect(context, server)
    chosen = service_settings(database_url=url, data_dir=folder)
    from grader_api.local_keys import LocalKeys

    return LocalKeys(chosen.database, tenant)


def _row(key: KeyOut) -> dict[str, str]:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "scopes": " ".join(key.scopes),
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "revoked_at": key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else "",
    }
