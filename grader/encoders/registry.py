"""Which model or judge is meant, where its files lie, and whether they are the ones that were pinned.

A model is named in one of three ways:
- a name in `models/registry.toml`: its files come with a Python package, which is found but never imported, and each
  file's SHA-256 must equal the pinned one;
- a folder of a sentence-transformers model;
- `NAME@REVISION` on a model hub, where the revision is a full commit hash.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from grader.errors import ModelError, ModelMismatch, ModelNotFound, UnsafeModel
from grader.rooms import models_folder

_HUB_NAME = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})")
_HUB_FILES = ("*.json", "*.txt", "*.safetensors", "*.model")  # no pickle is ever fetched
_LONGEST_PATH = 250  # a longer name is asked of no file system
_PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".ckpt"})


class RegisteredModel(BaseModel):
    """One entry of the registry. `folder` is where its package keeps the files; `window` counts word pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    revision: str
    licence: str
    package: str
    folder: str
    dimension: int
    window: int
    sha256: dict[str, str]


class RegisteredJudge(BaseModel):
    """One judge of the registry. `file` lies in the models' room; `over` is the model whose layers it began as."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    over: str
    licence: str
    sha256: str


class Registry(BaseModel):
    """The pinned models and judges, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: str
    default_judge: str
    models: dict[str, RegisteredModel]
    judges: dict[str, RegisteredJudge]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that may be loaded: its name, its folder, and a hash (hex) of the files that decide its vectors."""

    name: str
    folder: Path
    digest: str


@dataclass(frozen=True, slots=True)
class JudgeFiles:
    """A judge that may be loaded: its weights, the folder of the transformer under it, and the weights' SHA-256."""

    name: str
    weights: Path
    base: Path
    digest: str


class _Module(BaseModel):
    """One entry of a model's modules.json."""

    type: str
    path: str = ""


_MODULES = TypeAdapter(list[_Module])


def load_registry() -> Registry:
    """The registry that comes with the project."""
    with (models_folder() / "registry.toml").open("rb") as file:
        return Registry.model_validate(tomllib.load(file))


def find_model(spec: str) -> ModelFiles:
    """The verified files of a model.

    Args:
        spec: a registered name, a folder, or NAME@REVISION.

    Raises:
        ModelNotFound: nothing of that name is on this machine, or a hub model is not pinned.
        ModelMismatch: a registered model's file is not the pinned one.
        UnsafeModel: the weights are not in safetensors, or the model wants to run code of its own.
    """
    registry = load_registry()
    if spec in registry.models:
        return _registered(spec, registry.models[spec])
    if len(spec) < _LONGEST_PATH and Path(spec).is_dir():
        return _folder(spec, Path(spec))
    pinned = _HUB_NAME.fullmatch(spec)
    if pinned:
        return _folder(spec, _from_hub(pinned["name"], pinned["revision"]))
    raise ModelNotFound(
        f"model {spec!r}: neither a registered model ({', '.join(registry.models)}) nor a folder;"
        " a hub model is written NAME@REVISION with the 40 digits of a commit"
    )


def find_judge(spec: str) -> JudgeFiles:
    """The verified files of a judge.

    Args:
        spec: a registered name, or a safetensors file of a judge over the default model.

    Raises:
        ModelNotFound: nothing of that name is on this machine.
        ModelMismatch: a registered judge's file, or its model's, is not the pinned one.
    """
    registry = load_registry()
    if spec in registry.judges:
        judge = registry.judges[spec]
        weights = models_folder() / judge.file
        check_files(models_folder(), {judge.file: judge.sha256})
        return JudgeFiles(spec, weights, find_model(judge.over).folder, judge.sha256)
    if len(spec) < _LONGEST_PATH and Path(spec).suffix == ".safetensors" and Path(spec).is_file():
        return JudgeFiles(spec, Path(spec), find_model(registry.default).folder, _sha256(Path(spec)))
    raise ModelNotFound(
        f"judge {spec!r}: neither a registered judge ({', '.join(registry.judges)}) nor a .safetensors file"
    )


def registered_files(name: str) -> tuple[Path, Mapping[str, str]]:
    """Where a registered model or judge is kept, and the SHA-256 of each of its files; they are not compared here.

    Raises:
        ModelNotFound: nothing is registered by this name, or its package is not installed.
    """
    registry = load_registry()
    if name in registry.judges:
        return models_folder(), {registry.judges[name].file: registry.judges[name].sha256}
    if name in registry.models:
        return package_folder(registry.models[name]), registry.models[name].sha256
    raise ModelNotFound(f"nothing is registered as {name!r}")


def package_folder(model: RegisteredModel) -> Path:
    """Where the package that carries a registered model keeps it; the package is not imported.

    Raises:
        ModelNotFound: the package is not installed.
    """
    try:
        return Path(str(metadata.distribution(model.package).locate_file(model.folder)))
    except metadata.PackageNotFoundError as missing:
        raise ModelNotFound(f"package {model.package} is not installed: pip install {model.package}") from missing


def check_files(folder: Path, pinned: Mapping[str, str]) -> None:
    """Compare every pinned file with what lies in `folder`.

    Raises:
        ModelMismatch: naming the first file that differs or is missing, with the expected and found SHA-256.
    """
    for name, expected in pinned.items():
        file = folder / name
        found = _sha256(file) if file.is_file() else "no such file"
        if found != expected:
            raise ModelMismatch(file, expected, found)


def _registered(name: str, model: RegisteredModel) -> ModelFiles:
    folder = package_folder(model)
    check_files(folder, model.sha256)
    listing = "\n".join(f"{file} {digest}" for file, digest in sorted(model.sha256.items()))
    return ModelFiles(name, folder, hashlib.sha256(listing.encode()).hexdigest())


def _folder(name: str, folder: Path) -> ModelFiles:
    _refuse_unsafe(folder)
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".safetensors", ".json", ".txt", ".model"}:
            digest.update(f"{file.relative_to(folder).as_posix()} {_sha256(file)}\n".encode())
    return ModelFiles(name, folder, digest.hexdigest())


def _refuse_unsafe(folder: Path) -> None:
    modules = folder / "modules.json"
    if not modules.is_file():
        raise ModelNotFound(f"{folder}: not a sentence-transformers model (no modules.json)")
    for module in _modules(modules):
        if not module.type.startswith("sentence_transformers."):
            raise UnsafeModel(f"{folder}: module {module.type} is code of the model's own, which is never run")
        if not (folder / module.path).resolve().is_relative_to(folder.resolve()):
            raise UnsafeModel(f"{folder}: module path {module.path} leads out of the folder")
    if not any(folder.rglob("*.safetensors")):
        raise UnsafeModel(f"{folder}: no safetensors file; weights in other formats are not read")
    for file in folder.rglob("*"):
        if file.suffix in _PICKLES and not any(file.parent.glob("*.safetensors")):
            raise UnsafeModel(f"{file}: weights in this format can run code; only safetensors are read")


def _modules(file: Path) -> list[_Module]:
    try:
        return _MODULES.validate_json(file.read_bytes())
    except ValidationError as error:
        raise ModelError(f"{file}: not a list of modules: {error.errors()[0]['msg']}") from error


def _from_hub(name: str, revision: str) -> Path:
    # a quarter of a second to import, and only a hub model needs it
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(_HUB_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelNotFound(f"model {name}@{revision}: {' '.join(str(error).split())[:300]}") from error


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
