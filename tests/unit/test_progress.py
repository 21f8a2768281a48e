"""Progress as a person at a terminal sees it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

_WORK = """
import time
from grader.cli.progress import progress_bar
with progress_bar("grading", 100) as progress:
    for _ in range(6):
        progress(10)
        time.sleep(0.15)
"""
_WIDE = {"COLUMNS": "120", "TERM": "xterm"}


def test_a_terminal_shows_how_many_are_done_how_fast_and_the_time_left() -> None:
    terminal, its_end = pty.openpty()
    subprocess.run([sys.executable, "-c", _WORK], stderr=its_end, env=os.environ | _WIDE, check=True)
    os.close(its_end)
    shown = b""
    try:
        while part := os.read(terminal, 65_536):
            shown += part
    except OSError:  # how Linux says that nothing more will come
        pass
    finally:
        os.close(terminal)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert re.search(r"grading \S+ +60/100 +\d+/s 0:00:0\d", plain), plain


def test_what_is_no_terminal_is_left_alone() -> None:
    done = subprocess.run([sys.executable, "-c", _WORK], stderr=subprocess.PIPE, check=True)
    assert done.stderr == b""
