"""`grader bank import` as its users meet it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.bank.loader import load_bank, parse_bank

GRADER = [sys.executable, "-c", "from grader.cli.app import main; main()"]
QUESTIONS = """# Gates

### 1. What is a gate?

A gate scales what passes through a cell, by a number between zero and one.

A simple gate diagram with two inputs.

### 2. Why use gates?

- They keep the memory of long sequences.
- They let gradients pass unchanged.

### 5. How does a gate learn?

Its weights are learnt by gradient descent, as all others are.
"""


def grader(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    command = [*GRADER, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=clean | environment, check=False)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "My gates.md"
    path.write_text(QUESTIONS, encoding="utf-8")
    return path


def test_what_was_found_and_what_to_do_next_are_told(document: Path, tmp_path: Path) -> None:
    output = tmp_path / "gates.yaml"
    done = grader("bank", "import", document, "-o", output, "--quick")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "My gates.md: 3 questions, numbers 1 to 5; numbers 3 and 4 are missing",
        "1 question is marked for review:",
        "  gates-1 (line 3): line 7 left out as a caption",
        f"written: {output} (gates, 3 questions)",
        "next:",
        f"  grader bank lint {output}",
        f"  grader bank show gates-1 --banks {output}",
        f'  grader grade gates-1 "an answer" --banks {output}',
    ]
    bank = load_bank(output)
    assert [question.id for question in bank.questions] == ["gates-1", "gates-2", "gates-5"]
    assert bank.title == "Gates"
    assert stat.S_IMODE(output.stat().st_mode) == 0o644
    assert sorted(path.name for path in output.parent.iterdir()) == ["My gates.md", "gates.yaml"]


@pytest.mark.model
def test_criteria_keywords_and_topics_are_drafted_and_the_bank_grades(document: Path, tmp_path: Path) -> None:
    output = tmp_path / "gates.yaml"
    done = grader("bank", "import", document, "-o", output)
    assert done.returncode == 0, done.stderr
    assert "criteria drafted: read and correct them" in done.stderr
    bank = load_bank(output)
    assert all(question.criteria for question in bank.questions)
    assert all(criterion.keywords for question in bank.questions for criterion in question.criteria)
    answer = bank.questions[2].references[0]
    graded = grader("grade", "gates-5", answer, "--banks", output, "--json", "--cache-dir", tmp_path / "cache")
    assert json.loads(graded.stdout)["score"] == 1.0


def test_without_an_output_the_bank_goes_to_stdout(document: Path) -> None:
    done = grader("bank", "import", document, "--quick", "--bank", "doors", "--title", "Doors")
    bank = parse_bank(done.stdout, source="stdout")
    assert (bank.bank, bank.title, len(bank.questions)) == ("doors", "Doors", 3)
    assert "written" not in done.stderr


def test_json_tells_the_same(document: Path, tmp_path: Path) -> None:
    report = json.loads(grader("bank", "import", document, "--quick", "--json").stdout)
    assert report["documents"] == [
        {"document": "My gates.md", "questions": 3, "numbers": [1, 5], "missing": [3, 4], "unanswered": []}
    ]
    assert report["review"] == [{"id": "my-gates-1", "line": 3, "reasons": ["line 7 left out as a caption"]}]
    assert [question["id"] for question in report["document"]["questions"]] == [
        "my-gates-1",
        "my-gates-2",
        "my-gates-5",
    ]
    output = tmp_path / "gates.yaml"
    report = json.loads(grader("bank", "import", document, "-o", output, "--quick", "--json").stdout)
    assert (report["output"], report["questions"]) == (str(output), 3)
    assert "document" not in report


def test_several_files_make_one_bank(document: Path, tmp_path: Path) -> None:
    table = tmp_path / "more.csv"
    table.write_text("question,answer\nWhat is a door?,It opens.\n", encoding="utf-8")
    output = tmp_path / "all.yaml"
    done = grader("bank", "import", document, table, GRADER_OUTPUT=str(output), GRADER_QUICK="1")
    assert "more.csv: 1 question" in done.stderr.splitlines()
    ids = [(one.id, one.source.document) for one in load_bank(output).questions if one.source]
    assert ids[0] == ("all-1", "My gates.md")
    assert ids[-1] == ("all-1-2", "more.csv")


def test_a_file_that_is_there_is_not_overwritten(document: Path, tmp_path: Path) -> None:
    output = tmp_path / "gates.yaml"
    output.write_text("mine", encoding="utf-8")
    done = grader("bank", "import", document, "-o", output, "--quick")
    assert done.returncode == 2
    assert "--force overwrites it" in " ".join(done.stderr.split())
    assert output.read_text(encoding="utf-8") == "mine"
    assert grader("bank", "import", document, "-o", output, "--quick", "--force").returncode == 0
    assert len(load_bank(output).questions) == 3


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.md", b"", "a.md: the file is empty (0 bytes)"),
        ("a.txt", b"Nothing is asked here.\n", "a.txt: no questions found"),
        ("a.csv", b"a,b,c\n", "3 columns"),
        ("a.pdf", b"%PDF-1.4\n", "no PDF file"),
        ("a.png", b"\x89PNG", "no document that can be read here"),
    ],
)
def test_a_document_without_questions_gets_one_line_and_no_file(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    output = tmp_path / "bank.yaml"
    done = grader("bank", "import", tmp_path / name, "-o", output, "--quick")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert not output.exists()


@pytest.mark.parametrize(("option", "told"), [(("--bank", "No Id"), "'No Id' is no id: lower-case"), ((), "FILE")])
def test_wrong_usage_is_told(document: Path, option: tuple[str, ...], told: str) -> None:
    files = [document] if option else []
    done = grader("bank", "import", *files, *option, "--quick", COLUMNS="200")
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_output_that_cannot_be_written_is_told(document: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = grader("bank", "import", document, "-o", tmp_path / "file" / "bank.yaml", "--quick")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "Not a directory" in done.stderr or "File exists" in done.stderr


def test_the_lint_counts_what_is_marked_for_review(document: Path, tmp_path: Path) -> None:
    output = tmp_path / "gates.yaml"
    grader("bank", "import", document, "-o", output, "--quick")
    told = grader("bank", "lint", "--quick", output).stdout
    assert f"{output}:4: questions: 1 question is marked for review: gates-1 (look at each beside its document" in told


@pytest.mark.parametrize("suffix", [".xml", ".json", ".gift", ".csv"])
def test_what_was_exported_is_imported_again(document: Path, tmp_path: Path, suffix: str) -> None:
    first, exchanged, again = tmp_path / "gates.yaml", tmp_path / f"gates{suffix}", tmp_path / "again.yaml"
    grader("bank", "import", document, "-o", first, "--quick")
    grader("bank", "export", first, "-o", exchanged)
    done = grader("bank", "import", exchanged, "-o", again, "--quick")
    assert done.stderr.startswith(f"gates{suffix}: 3 questions\n")
    before, after = (
        [(question.id, question.question, question.references, question.max_points) for question in bank.questions]
        for bank in (load_bank(first), load_bank(again))
    )
    assert after == before


def test_a_whole_bank_is_imported_by_itself(document: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    done = grader("bank", "import", document, tmp_path / "other.json", "--quick", COLUMNS="200")
    assert done.returncode == 2
    assert "is a whole bank: import it by itself" in done.stderr
