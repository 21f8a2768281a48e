"""What the project promises about its own files: the schema, the error tree, the rooms."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import chain
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
from grader_api import errors as service_errors
from grader_api.errors import ServiceError

from grader import __version__, errors
from grader.bank.loader import load_bank, schema
from grader.rooms import models_folder, rubrics_folder


def test_the_committed_schema_is_that_of_the_code() -> None:
    committed = json.loads((rubrics_folder() / "schema.json").read_text(encoding="utf-8"))
    assert committed == schema()


def test_every_bank_satisfies_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for path in sorted(rubrics_folder().glob("*.yaml")):
        document = load_bank(path).model_dump(mode="json", exclude_unset=True)
        assert [error.json_path for error in validator.iter_errors(document)] == [], path.name


def test_documents_rooms_hold_no_python() -> None:
    assert [str(path) for room in (rubrics_folder(), models_folder()) for path in room.rglob("*.py")] == []


def test_the_changelog_tells_of_this_version(checkout: Path) -> None:
    assert f"## {__version__}" in (checkout / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture
def pinned(checkout: Path) -> list[str]:
    """The names in constraints.txt, written alike."""
    lines = (checkout / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("==")[0].lower().replace("_", "-") for line in lines if not line.startswith("#")]


def test_every_dependency_is_pinned_in_the_constraints(checkout: Path, pinned: list[str]) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"].get("optional-dependencies", {}).values()
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *chain(*extras)]
    assert {re.split(r"[<>=\[]", name)[0].lower() for name in wanted} <= set(pinned)


def test_the_constraints_are_in_order_and_each_is_there_once(pinned: list[str]) -> None:
    assert pinned == sorted(set(pinned))


@pytest.mark.parametrize(("module", "root"), [(errors, errors.GraderError), (service_errors, ServiceError)])
def test_the_error_tree_in_the_docstring_is_the_tree(module: ModuleType, root: type[Exception]) -> None:
    drawn = set(re.findall(r"\+-- (\w+)", module.__doc__ or ""))
    defined = {
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, root) and value is not root
    }
    assert drawn == defined


def runs(text: str) -> set[tuple[str, ...]]:
    """Every eight words in a row."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[start : start + 8]) for start in range(len(words) - 7)}


@pytest.fixture(scope="module")
def documents(shared: Path) -> set[tuple[str, ...]]:
    found = set[tuple[str, ...]]().union(
        *(runs(path.read_text(encoding="utf-8")) for path in (shared / "seeds").glob("*.txt"))
    )
    assert found
    return found


@pytest.mark.shared
def test_no_run_of_eight_words_of_a_bank_stands_in_a_document(documents: set[tuple[str, ...]]) -> None:
    for path in sorted(rubrics_folder().glob("*.yaml")):
        for question in load_bank(path).questions:
            written = [*question.references, question.notes or ""]
            for one in (*question.criteria, *question.misconceptions):
                written += [one.statement, *one.said_as]
            written += [exemplar.answer for exemplar in question.exemplars]
            copied = [run for text in written for run in runs(text) & documents]
            assert copied == [], question.id


@pytest.mark.shared
def test_no_run_of_eight_words_of_an_authored_answer_stands_in_a_document(
    checkout: Path, documents: set[tuple[str, ...]]
) -> None:
    for path in [*models_folder().rglob("*.jsonl"), *(checkout / "tests" / "model").glob("*.jsonl")]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            one = json.loads(line)
            written = [one.get("answer", ""), *one.get("says", ()), *one.get("denies", ()), *one.get("beside", ())]
            copied = [run for text in written for run in runs(text) & documents]
            assert copied == [], f"{path.name}:{number}"
