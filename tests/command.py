"""The command line, run as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys

_GRADER = [sys.executable, "-c", "from grader.cli.app import main; main()"]


def run_grader(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`grader` with these arguments, wide enough that no message is wrapped, and no setting but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    settings = {"COLUMNS": "200", **environment}
    return subprocess.run([*_GRADER, *arguments], capture_output=True, text=True, env=clean | settings, check=False)
