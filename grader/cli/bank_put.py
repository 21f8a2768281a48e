"""`grader bank put` and `delete`: the banks of a running service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import AsJson
from grader.cli.remote import Server, connect

if TYPE_CHECKING:
    from grader.bank.question import Bank


def put(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="A bank as YAML; or as Moodle XML, GIFT, CSV or JSON.")
    ],
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Keep banks in a running service, to grade by at once. The same content again makes no new version.

    Example: grader bank put my.yaml --server http://127.0.0.1:8000
    """
    banks = [_read(path) for path in files]
    rows = []
    with connect(context, _required(server)) as client:
        for path, bank in zip(files, banks, strict=True):
            kept = client.put_bank(bank)
            rows.append(kept.model_dump(mode="json"))
            if not as_json:
                size = f"{kept.questions} question{'s' * (kept.questions != 1)}"
                typer.echo(f"{path}: bank {kept.bank}, version {kept.number}, {size}")
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))


def delete(
    context: typer.Context,
    bank_id: Annotated[str, typer.Argument(metavar="BANK", help="A bank's id.")],
    server: Server = None,
) -> None:
    """Delete a bank from a running service. Its versions are kept there, and so are the grades that name them."""
    with connect(context, _required(server)) as client:
        client.delete_bank(bank_id)
    typer.echo(f"bank {bank_id} is deleted", err=True)


def _required(server: str | None) -> str:
    if not server:
        raise typer.BadParameter("say which service: banks at hand are files, named by --banks", param_hint="--server")
    return server


def _read(path: Path) -> Bank:
    from grader.bank.exchange.formats import read_exchange
    from grader.bank.loader import load_bank

    return load_bank(path) if path.suffix in {".yaml", ".yml"} else read_exchange(path).bank
