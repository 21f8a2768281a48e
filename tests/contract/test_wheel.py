"""The wheel, built and installed into a fresh environment, grades from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.package, pytest.mark.model]


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(checkout)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_rooms_and_nothing_that_could_collide(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    information = wheel.name.split("-py3")[0] + ".dist-info"
    assert {name.split("/")[0] for name in names} == {"grader", "grader_api", information}
    assert "grader/_rubrics/ds25.yaml" in names
    assert "grader/_models/registry.toml" in names
    assert "grader/evaluation/report.html.jinja" in names
    assert "grader/py.typed" in names
    assert "grader_api/store/migrations/env.py" in names
    web = {Path(name).name for name in names if name.startswith("grader_api/web/")}
    assert {"base.html.jinja", "page.css", "page.js", "htmx.min.js", "htmx.LICENSE.txt"} <= web


def test_an_installed_wheel_works_from_another_folder(checkout: Path, wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    constraints = checkout / "constraints.txt"
    torch = next(line for line in constraints.read_text().splitlines() if line.startswith("torch=="))
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(constraints)]
    for wanted in (torch, f"{wheel}[serve]"):
        subprocess.run([*install, wanted], check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTHON"))}
    done = subprocess.run(
        [str(environment / "bin" / "grader"), "grade", "ds25-11", "Dropout disables random neurons in training."],
        cwd=elsewhere,
        env=clean | {"GRADER_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "of 10 points" in done.stdout
    made = subprocess.run(
        [str(environment / "bin" / "grader"), "keys", "create", "site", "--scope", "grade"],
        cwd=elsewhere,
        env=clean | {"GRADER_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout.startswith("grader_"), made.stderr
