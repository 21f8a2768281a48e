"""`grader store`: what the service keeps."""

from __future__ import annotations

import json

import typer

from grader.cli.options import AsJson
from grader.cli.serve import DatabaseUrl, DataDir, service_settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What the service keeps.")


@app.command()
def verify(as_json: AsJson = False, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Check the log's chain, and every grade, override and bank against it; exit status 1 if something was changed."""
    chosen = service_settings(database_url=database_url, data_dir=data_dir)
    from grader_api.store.database import Database
    from grader_api.store.log import verify as faults_of

    database = Database(chosen.database)
    try:
        database.migrate()
        with database.read() as connection:
            faults = faults_of(connection)
    finally:
        database.close()
    if as_json:
        typer.echo(json.dumps(faults, indent=2))
    else:
        typer.echo("\n".join(faults) or "all is as it was written")
    raise typer.Exit(int(bool(faults)))
