"""What holds of every document given to the loader."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import banks, keywords, yaml_texts

from grader.bank.lint import lint_bank
from grader.bank.loader import dotted, parse_bank
from grader.bank.question import Bank, Criterion
from grader.errors import BankError, Fault

EXAMPLES = settings(max_examples=20, deadline=None)


def dumped(bank: Bank) -> str:
    return yaml.safe_dump(bank.model_dump(mode="json"), sort_keys=False)


def faults_of(text: str) -> tuple[Fault, ...] | None:
    """What is wrong with a document; None if it is a bank."""
    try:
        parse_bank(text, source="bank.yaml")
    except BankError as error:
        return error.faults
    return None


def is_bank_or_refused(text: str) -> bool:
    """Whether a document reads, or each fault has its source, a reason, and a line that the document has."""
    faults = faults_of(text)
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 1
    return faults is None or (
        bool(faults)
        and all(fault.source == "bank.yaml" and bool(fault.reason) for fault in faults)
        and all(fault.line is None or 1 <= fault.line <= lines for fault in faults)
    )


@EXAMPLES
@given(banks())
def test_a_bank_written_as_yaml_reads_as_the_same_bank(bank: Bank) -> None:
    again = parse_bank(dumped(bank), source="bank.yaml")
    assert again == bank
    assert again.content_hash == bank.content_hash


@settings(max_examples=200, deadline=None)
@given(yaml_texts)
def test_any_text_is_a_bank_or_is_refused_with_reasons(text: str) -> None:
    assert is_bank_or_refused(text)


@EXAMPLES
@given(banks(), st.data(), yaml_texts)
def test_a_damaged_document_is_a_bank_or_is_refused_with_reasons(bank: Bank, data: st.DataObject, damage: str) -> None:
    text = dumped(bank)
    place = data.draw(st.integers(0, len(text)))
    assert is_bank_or_refused(text[:place] + damage + text[place + data.draw(st.integers(0, 20)) :])


@EXAMPLES
@given(banks(), st.data())
def test_a_fault_put_into_a_document_is_named_with_its_line(bank: Bank, data: st.DataObject) -> None:
    lines = dumped(bank).splitlines()
    place = data.draw(st.sampled_from([i for i, line in enumerate(lines) if line.startswith("  max_points: ")]))
    lines[place] = "  max_points: -1"
    question = sum(line.startswith("- ") and "id:" in line for line in lines[:place]) - 1
    faults = faults_of("\n".join(lines)) or ()
    assert (f"questions[{question}].max_points", place + 1) in [(fault.path, fault.line) for fault in faults]


@EXAMPLES
@given(banks())
def test_every_bank_can_be_linted_and_each_finding_says_where_and_how(bank: Bank) -> None:
    for finding in lint_bank(bank):
        assert finding.bank == bank.bank
        assert finding.path
        assert finding.reason
        assert finding.mend


@EXAMPLES
@given(keywords)
def test_valid_keywords_stay_as_they_were_written(groups: tuple[tuple[str, ...], ...]) -> None:
    assert Criterion(id="c", statement="A statement.", keywords=groups).keywords == groups


@EXAMPLES
@given(st.lists(st.one_of(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.integers(0, 99)), max_size=6))
def test_a_dotted_path_tells_names_from_places(path: list[str | int]) -> None:
    text = dotted(tuple(path))
    parts = [int(p[:-1]) if p.endswith("]") else p for p in text.replace("[", ".[").replace("[", "").split(".") if p]
    assert parts == path
