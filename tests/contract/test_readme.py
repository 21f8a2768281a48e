"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.bank.library import Library


@pytest.fixture(scope="module")
def readme(checkout: Path) -> str:
    return (checkout / "README.md").read_text(encoding="utf-8")


@pytest.mark.model
def test_the_sample_answer_is_graded_as_shown(checkout: Path, readme: str, tmp_path: Path) -> None:
    shown = re.search(r"```text\n(\d.*?points.*?)```", readme, re.DOTALL)
    assert shown
    command = [sys.executable, "-c", "from grader.cli.app import main; main()", "grade", "ds25-11", "--answer-file"]
    command += [str(checkout / "examples" / "answer.txt"), "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found, expected = ([line.rstrip() for line in text.strip().splitlines()] for text in (done.stdout, shown[1]))
    assert found[1:] == expected[1:]  # the first line holds numbers that another processor rounds otherwise
    assert found[0].split("score")[0] == expected[0].split("score")[0]


@pytest.mark.model
def test_the_python_example_runs(readme: str) -> None:
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert code
    done = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "dropout-deactivates" in done.stdout


def test_every_bank_is_named(readme: str, library: Library) -> None:
    assert [bank.bank for bank in library.banks if f"`{bank.bank}`" not in readme] == []


def test_every_make_target_it_names_exists(checkout: Path, readme: str) -> None:
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z]+)", readme)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
