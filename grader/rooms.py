"""Where the document rooms lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rubrics_folder() -> Path:
    """The folder of the banks that come with the project (`*.yaml`)."""
    return _room("rubrics")


def models_folder() -> Path:
    """The folder of the model registry, calibrations and cards."""
    return _room("models")


def _room(name: str) -> Path:
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name
