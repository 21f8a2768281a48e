"""A YAML document becomes a bank, or every fault in it is named with its path and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.bank.loader import MAX_DEPTH, dotted, load_bank, parse_bank, schema
from grader.bank.question import Bank, Question
from grader.errors import BankError, Fault
from grader.rooms import rubrics_folder

HEAD = """\
bank: small
title: A small bank
questions:
  - id: small-1
    question: What does a gate do?
    references: [It scales what passes through it.]
"""  # six lines: what a test adds begins at the seventh


def faults(text: str) -> list[Fault]:
    with pytest.raises(BankError) as refused:
        parse_bank(text, source="small.yaml")
    return list(refused.value.faults)


def places(text: str) -> list[tuple[str, int | None]]:
    return [(fault.path, fault.line) for fault in faults(text)]


def question(added: str = "") -> Question:
    return parse_bank(HEAD + added, source="small.yaml").questions[0]


def title(written: str) -> str:
    return parse_bank(HEAD.replace("A small bank", written), source="small.yaml").title


def test_a_document_becomes_a_bank() -> None:
    bank = parse_bank(HEAD, source="small.yaml")
    assert (bank.bank, bank.title, bank.language, bank.points_step) == ("small", "A small bank", "en", 0.5)
    assert bank.questions[0].references == ("It scales what passes through it.",)


def test_a_bank_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(HEAD.replace("A small bank", "Größe ✓"), encoding="utf-8")
    assert load_bank(path).title == "Größe ✓"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_bytes(HEAD.replace("\n", "\r\n").encode(encoding))
    assert load_bank(path) == parse_bank(HEAD, source="small.yaml")


# -- the core schema of YAML 1.2


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "y", "N", "1_000", "1:30", "2001-01-01", "0b11", "1e", "=", "<<"]
)
def test_words_that_older_yaml_reads_as_something_else_are_words(word: str) -> None:
    assert title(word) == word


@pytest.mark.parametrize("written", ['"12"', "'12'", '"true"', "'~'", '"null"', '".nan"', '"0x1F"'])
def test_what_stands_in_quotes_is_text(written: str) -> None:
    assert title(written) == written[1:-1]


@pytest.mark.parametrize(
    "written", ["12", "-3", "0o17", "0x1F", "1.5", ".5", "1e3", ".inf", ".nan", "true", "False", "null", "~", ""]
)
def test_a_value_of_another_kind_is_no_text(written: str) -> None:
    (fault,) = faults(HEAD.replace("A small bank", written))
    assert (fault.path, fault.line, fault.reason) == ("title", 2, "must be text (put it in quotes)")


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("17", 17),
        ("+3", 3),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("2.5E-1", 0.25),
    ],
)
def test_numbers_are_those_of_the_core_schema(written: str, points: float) -> None:
    assert question(f"    max_points: {written}\n").max_points == points


def test_a_block_is_text_even_if_it_looks_like_a_number() -> None:
    assert parse_bank(HEAD.replace("A small bank", "|\n  12"), source="small.yaml").title == "12"


@pytest.mark.parametrize("written", ["null", "~", "Null", "NULL", ""])
def test_null_leaves_an_optional_field_out(written: str) -> None:
    assert question(f"    notes: {written}\n").notes is None


# -- faults of the document


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_document_is_refused(text: str) -> None:
    assert [str(fault) for fault in faults(text)] == ["small.yaml: the document is empty"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("bank: [a\n", 2, id="an open list"),
        pytest.param("bank: a\n\t- b\n", 2, id="a tab"),
        pytest.param('bank: "a\n', 2, id="an open quote"),
        pytest.param("bank: a\n  b: c\n", 2, id="a wrong indent"),
        pytest.param(HEAD + "---\n" + HEAD, 7, id="two documents"),
        pytest.param("bank: *a\n", 1, id="an alias to nothing"),
        pytest.param("%YAML 9.9\n---\nbank: a\n", 1, id="another YAML"),
        pytest.param('bank: "\\ud800"\n', 1, id="half a character"),
    ],
)
def test_broken_yaml_is_refused_with_the_line(text: str, line: int) -> None:
    (fault,) = faults(text)
    assert fault.line == line
    assert fault.reason


def test_a_control_character_is_refused() -> None:
    (fault,) = faults("bank: a\x00\n")
    assert "control characters are not allowed" in fault.reason


def test_text_with_half_a_character_is_refused() -> None:
    (fault,) = faults("bank: \ud800\n")
    assert fault.reason.startswith("not Unicode text")


@pytest.mark.parametrize(
    ("added", "path", "line"),
    [
        ("title: Again\n", "title", 7),
        ('"title": Again\n', "title", 7),
        ("    id: small-2\n", "questions[0].id", 7),
        ("    notes: a\n    notes: a\n", "questions[0].notes", 8),
        ("    source: {a: b,\n      a: c}\n", "questions[0].source.a", 8),
    ],
)
def test_a_key_that_stands_twice_is_refused(added: str, path: str, line: int) -> None:
    (fault,) = faults(HEAD + added)
    assert (fault.path, fault.line, fault.reason) == (path, line, "the key stands twice")


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}", "? [a]\n", "[]"])
def test_a_key_that_is_not_plain_text_is_refused(key: str) -> None:
    (fault,) = faults(f"{key}: c\n")
    assert (fault.line, fault.reason) == (1, "a key is plain text")


def test_an_alias_is_refused_where_it_would_unfold() -> None:
    (fault,) = faults(HEAD.replace("A small", "&a A small") + "    notes: *a\n")
    assert fault.reason.startswith("aliases are not allowed")
    assert fault.path == "questions[0].notes"


def test_aliases_that_would_unfold_into_gigabytes_are_refused() -> None:
    levels = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 20))
    (fault,) = faults(f"l0: &l0 [a]\n{levels}")
    assert fault.reason.startswith("aliases are not allowed")


def test_a_value_that_holds_itself_is_refused() -> None:
    (fault,) = faults("bank: &a [*a]\n")
    assert fault.reason.startswith("aliases are not allowed")


@pytest.mark.parametrize(
    ("written", "path", "line"),
    [
        ("title: !own text", "title", 2),
        ("title: !!binary aGk=", "title", 2),
        ("title: !!set {a}", "title", 2),
        ("title: !!omap [a: b]", "title", 2),
        ("title: !!python/object:os.system echo", "title", 2),
        ("title: !own\n  a: b", "title", 2),
        ("title: !own [a]", "title", 2),
    ],
)
def test_a_tag_is_refused(written: str, path: str, line: int) -> None:
    (fault,) = faults(HEAD.replace("title: A small bank", written))
    assert (fault.path, fault.line) == (path, line)
    assert fault.reason.startswith("tags are not allowed")


def test_a_merge_key_merges_nothing() -> None:
    assert ("<<", 2) in places(HEAD.replace("title: A small bank", "<<: {title: A small bank}"))


def test_nesting_has_a_limit() -> None:
    (fault,) = faults("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2))
    assert (fault.line, fault.reason) == (1, f"nested deeper than {MAX_DEPTH} levels")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n", "12\n"])
def test_a_document_that_is_no_mapping_is_refused(text: str) -> None:
    assert places(text) == [("", 1)]


# -- faults of the bank


@pytest.mark.parametrize("field", ["bank", "title"])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    text = "".join(line for line in HEAD.splitlines(keepends=True) if not line.startswith(f"{field}:"))
    (fault,) = faults(text)
    assert (fault.path, fault.line, fault.reason) == (field, 1, "is required")


def test_a_field_that_a_question_lacks_is_named_with_the_question() -> None:
    (fault,) = faults(HEAD.replace("    question: What does a gate do?\n", ""))
    assert (fault.path, fault.line, fault.reason) == ("questions[0].question", 4, "is required")


@pytest.mark.parametrize(
    ("added", "path", "line"),
    [
        ("colour: red\n", "colour", 7),
        ("    weight: 2\n", "questions[0].weight", 7),
        ("    criteria:\n      - {id: a, statement: b,\n         wieght: 2}\n", "questions[0].criteria[0].wieght", 9),
    ],
)
def test_an_unknown_field_is_refused(added: str, path: str, line: int) -> None:
    (fault,) = faults(HEAD + added)
    assert (fault.path, fault.line, fault.reason) == (path, line, "is not a field here")


@pytest.mark.parametrize(
    ("weight", "reason"),
    [
        ("0", "must be > 0"),
        ("-1", "must be > 0"),
        ("-0.0", "must be > 0"),
        ("101", "must be <= 100"),
        (".nan", "Input should be a finite number"),
        (".inf", "Input should be a finite number"),
        ("-.inf", "Input should be a finite number"),
        ("1e999", "Input should be a finite number"),
    ],
)
def test_a_weight_is_a_number_above_zero(weight: str, reason: str) -> None:
    (fault,) = faults(f"{HEAD}    criteria:\n      - id: a\n        statement: b\n        weight: {weight}\n")
    assert (fault.path, fault.line, fault.reason) == ("questions[0].criteria[0].weight", 10, reason)


@pytest.mark.parametrize("value", [".nan", "0", "-2", ".inf"])
@pytest.mark.parametrize(("field", "line"), [("points_step", 7), ("    max_points", 7)])
def test_points_are_finite_and_above_zero(field: str, line: int, value: str) -> None:
    (fault,) = faults(f"{HEAD}{field}: {value}\n")
    assert fault.path.endswith(field.strip())
    assert fault.line == line


@pytest.mark.parametrize("score", [".nan", "-0.1", "1.1"])
def test_an_exemplar_has_a_score_between_zero_and_one(score: str) -> None:
    text = f"{HEAD}    exemplars:\n      - {{kind: terse, answer: It scales., score: {score}}}\n"
    assert places(text) == [("questions[0].exemplars[0].score", 8)]


def test_a_pattern_that_re2_refuses_is_named_with_its_place() -> None:
    keywords = "        keywords:\n          - [gate]\n          - [cell, '/(/']\n"
    (fault,) = faults(f"{HEAD}    criteria:\n      - id: a\n        statement: b\n{keywords}")
    assert (fault.path, fault.line) == ("questions[0].criteria[0].keywords[1][1]", 12)
    assert fault.reason.startswith("RE2 refuses the pattern /(/")


@pytest.mark.parametrize("keyword", ['""', '" "', '" gate"', '"gate "', '"*"', '"ga*te"', '"ga**"'])
def test_a_keyword_that_can_match_nothing_is_refused(keyword: str) -> None:
    text = f"{HEAD}    criteria:\n      - {{id: a, statement: b, keywords: [[{keyword}]]}}\n"
    assert places(text) == [("questions[0].criteria[0].keywords[0][0]", 8)]


def test_an_empty_group_of_keywords_is_refused() -> None:
    text = f"{HEAD}    criteria:\n      - {{id: a, statement: b, keywords: [[]]}}\n"
    assert places(text) == [("questions[0].criteria[0].keywords[0]", 8)]


def test_a_question_without_references_is_refused() -> None:
    assert places(HEAD.replace("[It scales what passes through it.]", "[]")) == [("questions[0].references", 6)]


def test_questions_with_one_id_are_refused() -> None:
    (fault,) = faults(HEAD + "".join(HEAD.splitlines(keepends=True)[3:]))
    assert fault.reason == "the id 'small-1' stands more than once"
    assert (fault.path, fault.line) == ("questions[1].id", 7)


def test_criteria_with_one_id_are_refused() -> None:
    (fault,) = faults(f"{HEAD}    criteria:\n      - {{id: a, statement: b}}\n      - {{id: a, statement: c}}\n")
    assert fault.reason == "the id 'a' stands more than once"
    assert fault.path == "questions[0].criteria[1].id"


@pytest.mark.parametrize(
    "name", ["Small", "small bank", "-small", "small-", "small--1", "ä", '"small\\n"', '""', "a" * 81]
)
def test_an_id_is_lower_case_letters_digits_and_single_joints(name: str) -> None:
    assert places(HEAD.replace("bank: small", f"bank: {name}")) == [("bank", 1)]


def test_every_fault_is_named_at_once() -> None:
    text = HEAD.replace("title: A small bank", "titel: A small bank") + "    max_points: 0\n    colour: red\n"
    assert sorted(places(text)) == [
        ("questions[0].colour", 8),
        ("questions[0].max_points", 7),
        ("titel", 2),
        ("title", 1),
    ]


def test_a_fault_is_written_as_source_line_path_and_reason() -> None:
    (fault,) = faults(HEAD + "    max_points: 0\n")
    assert str(fault) == "small.yaml:7: questions[0].max_points: must be > 0"


# -- files that cannot be read


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BankError, match=r"none\.yaml: No such file or directory"):
        load_bank(tmp_path / "none.yaml")


def test_a_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="Is a directory"):
        load_bank(tmp_path)


@pytest.mark.parametrize(
    ("content", "place"), [(b"bank: \xff", 6), (HEAD.encode("utf-16"), 0), (b"title: Gr\xf6\xdfe", 9)]
)
def test_a_file_that_is_not_utf_8_is_a_fault_with_the_byte(tmp_path: Path, content: bytes, place: int) -> None:
    path = tmp_path / "small.yaml"
    path.write_bytes(content)
    with pytest.raises(BankError) as refused:
        load_bank(path)
    assert refused.value.faults == (Fault(str(path), None, "", f"not UTF-8 at byte {place}"),)


def test_a_file_beyond_the_limit_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)  # a hole: takes no room
    with pytest.raises(BankError, match="a bank has at most 67,108,864 bytes"):
        load_bank(path)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("title",), "title"),
        (("questions", 17, "criteria", 2, "weight"), "questions[17].criteria[2].weight"),
        ((0, "a"), "[0].a"),
    ],
)
def test_a_path_is_written_as_people_write_it(path: tuple[str | int, ...], written: str) -> None:
    assert dotted(path) == written


def test_the_schema_file_is_the_schema_of_banks() -> None:
    assert json.loads((rubrics_folder() / "schema.json").read_text(encoding="utf-8")) == schema()


def test_the_schema_names_every_field_of_a_bank() -> None:
    assert set(schema()["properties"]) == set(Bank.model_fields)


@pytest.mark.parametrize("keyword", ["/x*/", "++", "//", "/|a/"])
def test_a_keyword_that_says_nothing_is_refused(keyword: str) -> None:
    text = f"{HEAD}    criteria:\n      - {{id: a, statement: b, keywords: [['{keyword}']]}}\n"
    assert places(text) == [("questions[0].criteria[0].keywords[0][0]", 8)]


@pytest.mark.parametrize("opener", ["[", "{a: ", "- "])
def test_a_document_of_any_depth_is_refused_and_ends_nothing(opener: str) -> None:
    with pytest.raises(BankError):
        parse_bank(opener * 100_000, source="deep.yaml")


@pytest.mark.parametrize("number", ["1_000", '"7"', "true", "9" * 5000])
def test_only_a_number_is_a_number(number: str) -> None:
    assert places(f"{HEAD}    max_points: {number}\n") == [("questions[0].max_points", 7)]
