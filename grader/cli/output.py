"""Files that verbs write: never over another unasked, never half."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from grader.errors import OutputError

Force = Annotated[bool, typer.Option("--force", envvar="GRADER_FORCE", help="Overwrite the output.")]


def refuse_overwriting(output: Path | None, *, force: bool, named: str = "--output") -> None:
    """Say so before any work is done, where the output is there already.

    Raises:
        typer.BadParameter: it is, and may not be overwritten.
    """
    if output is not None and output.is_file() and not force:
        raise typer.BadParameter(f"{output} exists; --force overwrites it", param_hint=named)


def write_whole(output: Path, text: str) -> None:
    """Write under another name and rename, so that the output is whole or not there; devices are written to.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        if output.exists() and not output.is_file():
            output.write_bytes(text.encode())
            return
        with tempfile.NamedTemporaryFile(dir=output.parent, suffix=".part", delete=False) as file:
            part = Path(file.name)
        try:
            part.write_bytes(text.encode())
            part.chmod(0o644)
            part.replace(output)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror}") from error
