"""What is written about the service is what it does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from chat_endpoint import Body, ChatEndpoint, completion
from chat_endpoint import serving as serving_model
from grader_api.contract import contract
from grader_api.problems import Kind
from grader_api.settings import ServiceSettings
from starlette.responses import JSONResponse, Response

from service.conftest import SERVE, serving

SETTINGS_OF_GRADE = {"model", "judge", "device", "dtype", "banks", "cache_dir", "threshold", "scale"}


@pytest.fixture(scope="module")
def readme(checkout: Path) -> str:
    return (checkout / "api" / "README.md").read_text(encoding="utf-8")


def operations() -> list[tuple[str, str, dict[str, object]]]:
    paths = json.loads(contract())["paths"]
    return [
        (method.upper(), path, operation) for path, methods in paths.items() for method, operation in methods.items()
    ]


def test_the_committed_contract_is_that_of_the_application(checkout: Path) -> None:
    assert (checkout / "api" / "openapi.json").read_text(encoding="utf-8") == contract(), "run make openapi"


def test_every_route_has_a_name_in_snake_case() -> None:
    names = [str(operation["operationId"]) for _, _, operation in operations()]
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []
    assert len(set(names)) == len(names)


def test_every_problem_is_described_and_none_besides(readme: str) -> None:
    told = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \| (.+) \|$", readme, re.MULTILINE)
    assert told == [(kind.slug, str(kind.status), kind.title) for kind in Kind]


def test_every_route_is_described(readme: str) -> None:
    for _, path, _ in operations():
        assert re.sub(r"\{\w+\}", "{id}", path).removesuffix("/versions") in readme, path


def test_every_setting_is_described_with_its_default(readme: str) -> None:
    described = dict(re.findall(r"^\| `GRADER_([A-Z_]+)` \| (\S+) \|", readme, re.MULTILINE))
    settings = ServiceSettings()
    for name in set(ServiceSettings.model_fields) - SETTINGS_OF_GRADE:
        assert f"`GRADER_{name.upper()}`" in readme, name
    for name, told in described.items():
        value = getattr(settings, name.lower())
        if isinstance(value, int | float):
            assert f"{value:g}" == told or str(value) == told, name


def test_importing_the_application_does_nothing() -> None:
    """No file, thread or setting: not even the model's libraries are loaded before an application is made."""
    code = (
        "import sys, threading; import grader_api.app, grader_api.server;"
        "assert threading.active_count() == 1; assert 'torch' not in sys.modules"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=os.environ | {"PYTHONPATH": paths})


def test_the_client_needs_no_library_of_the_service() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['fastapi', 'starlette', 'sqlalchemy', 'alembic', 'limits']));"
        "import grader_api.client; assert 'torch' not in sys.modules"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=os.environ | {"PYTHONPATH": paths})


EXAMPLES = sorted(
    path
    for path in (Path(__file__).resolve().parents[2] / "api" / "examples").iterdir()
    if path.suffix in (".sh", ".py")
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A real server with every bank that comes with the project, and the hashing encoder."""
    script = SERVE.replace("Library([DROPOUT_BANK])", "load_library()").replace("import Library", "import load_library")
    url = f"sqlite:///{tmp_path_factory.mktemp('examples') / 'grader.db'}"
    with serving(url, script=script) as running:
        yield running.address


def tutor(body: Body) -> Response:
    """A language model that has the last answer graded, and then says what it was told of the grade."""
    last = body["messages"][-1]
    if last["role"] == "tool":
        return completion(f"I heard: {last['content']}")
    question_id, answer = re.findall(r"question (\S+) I say: (.*)", last["content"])[0]
    arguments = {"question_id": question_id, "answer": answer, "question": None, "references": None}
    (tool,) = body["tools"]
    jsonschema.validate(arguments, tool["function"]["parameters"])
    called = {"name": tool["function"]["name"], "arguments": json.dumps(arguments)}
    call = {"id": "call_1", "type": "function", "function": called}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
    return JSONResponse({"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})


@pytest.fixture(scope="module")
def model() -> Iterator[dict[str, str]]:
    """Where the examples find a language model that calls tools."""
    with serving_model(ChatEndpoint(tutor)) as endpoint:
        yield {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "none", "OPENAI_MODEL": "m"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_run(server: str, model: dict[str, str], example: Path) -> None:
    command = [sys.executable if example.suffix == ".py" else "bash", str(example)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | model | {"GRADER_SERVER": server}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()
    if example.name == "bot.py":
        told = json.loads(done.stdout.removeprefix("I heard: "))
        assert 0 < told["points"] < told["max_points"]
        assert told["feedback"]


def test_the_clients_example_runs(server: str, readme: str) -> None:
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert code
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"GRADER_SERVER": server, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "dropout-deactivates" in done.stdout
    assert done.stdout.rstrip().endswith("('ds25-11', 'ds25-1', 'ds25-10')")


def test_every_command_that_asks_a_service_takes_what_is_written(readme: str) -> None:
    told = re.findall(r"^grader (bank|questions|grades) (\w+)", readme, re.MULTILINE)
    assert {("bank", "put"), ("grades", "override"), ("questions", "search")} <= set(told)
    for group, verb in told:
        done = subprocess.run(
            [sys.executable, "-c", "from grader.cli.app import main; main()", group, verb, "--help"],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "COLUMNS": "200"},
        )
        assert "--server" in done.stdout, (group, verb)
