"""A YAML document to a Bank, with the path and line of every fault.

The C parser of libyaml composes the nodes (some twenty times the speed of a pure Python parser, which thousands of
keywords need); the values are made here by the core schema of YAML 1.2 (§10.3.2), where `no` is a word and `1_000`
is not a number. Aliases and tags are refused: a document says what it means where it says it, and cannot
unfold into gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from grader.bank.question import Bank, MisplacedError, dotted
from grader.errors import BankError, Fault

MAX_BANK_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 32
_LONGEST_NUMBER = 400  # digits: a longer one is text, and refused where a number is wanted

Path_ = tuple[str | int, ...]
Lines = Mapping[Path_, int]

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value")
)
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class _RefusedNodeError(Exception):
    """A node that a bank document must not hold."""

    def __init__(self, line: int, path: Path_, reason: str) -> None:
        super().__init__(reason)
        self.line, self.path, self.reason = line, path, reason


def load_bank(path: Path) -> Bank:
    """Read one bank from a YAML file.

    Raises:
        BankError: the file cannot be read, is not YAML, or does not describe a bank; with every fault's path and line.
    """
    return parse_bank(read_document(path), source=str(path))


def read_document(path: Path) -> str:
    """The text of a bank document.

    Raises:
        BankError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        if path.stat().st_size > MAX_BANK_BYTES:
            raise BankError([Fault(str(path), None, "", f"a bank has at most {MAX_BANK_BYTES:,} bytes")])
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BankError([Fault(str(path), None, "", error.strerror or str(error))]) from error
    except UnicodeDecodeError as error:
        raise BankError([Fault(str(path), None, "", f"not UTF-8 at byte {error.start}")]) from error
    except ValueError as error:  # a path that no file can have
        raise BankError([Fault(repr(str(path)), None, "", str(error))]) from error


def parse_bank(text: str, *, source: str) -> Bank:
    """Read one bank from YAML text; `source` names it in faults.

    Raises:
        BankError: as `load_bank`.
    """
    value, lines = _parse_yaml(text, source)
    return make_bank(value, source=source, lines=lines)


def make_bank(value: object, *, source: str, lines: Lines) -> Bank:
    """A bank from plain values that were read from a document; `lines` has the line of each path that is known.

    Raises:
        BankError: the values do not describe a bank; with every fault's path and line.
    """
    try:
        return Bank.model_validate(value)
    except ValidationError as error:
        raise BankError([_fault(detail, lines, source) for detail in _telling(error)]) from error


def document_lines(path: Path) -> Lines:
    """The line, counted from 1, of every path that a bank document has written out.

    Raises:
        BankError: the file cannot be read or is not YAML.
    """
    return _parse_yaml(read_document(path), str(path))[1]


def line_at(lines: Lines, path: Path_) -> int | None:
    """The line of a path, or of the nearest part it belongs to; None if nothing of it has a line."""
    return next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), None)


def _parse_yaml(text: str, source: str) -> tuple[object, Lines]:
    try:
        _check_depth(text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is None:
            raise BankError([Fault(source, None, "", "the document is empty")])
        lines: dict[Path_, int] = {}
        return _value(node, (), lines, set()), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = ": ".join(part for part in (error.context, error.problem) if part)
        last = text.count("\n") + 1  # the parser may point behind the end
        raise BankError([Fault(source, None if mark is None else min(mark.line + 1, last), "", reason)]) from error
    except yaml.YAMLError as error:
        raise BankError([Fault(source, None, "", " ".join(str(error).split()))]) from error
    except UnicodeEncodeError as error:
        raise BankError([Fault(source, None, "", f"not Unicode text: lone surrogate at {error.start}")]) from error
    except _RefusedNodeError as refused:
        raise BankError([Fault(source, refused.line, dotted(refused.path), refused.reason)]) from refused


def _check_depth(text: str) -> None:
    """Refuse deep nesting before anything is built: building is recursive, and depth could end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH and event.start_mark is not None:
                raise _RefusedNodeError(event.start_mark.line + 1, (), f"nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _value(node: yaml.Node, path: Path_, lines: dict[Path_, int], seen: set[int]) -> object:
    """The node's value by the core schema; fills `lines` with the line of every path."""
    line = lines[path] = node.start_mark.line + 1
    if id(node) in seen:
        raise _RefusedNodeError(line, path, "aliases are not allowed: write the value out")
    seen.add(id(node))
    if node.tag not in _PLAIN_TAGS:
        raise _RefusedNodeError(line, path, f"tags are not allowed: {node.tag}")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), lines, seen) for place, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], seen: set[int]) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _RefusedNodeError(line, path, "a key is plain text")
        key = str(key_node.value)
        if key in mapping:
            raise _RefusedNodeError(line, (*path, key), "the key stands twice")
        mapping[key] = _value(value_node, (*path, key), lines, seen)
        lines[(*path, key)] = line
    return mapping


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted or block: always text
        return text
    if len(text) > _LONGEST_NUMBER:
        return text
    return core_value(text)


def core_value(text: str) -> object:
    """What a plain scalar means by the core schema."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL_FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


def _telling(error: ValidationError) -> list[Any]:  # Any: as below
    """The faults without those that only follow from others: a list that is empty because its items are faulty."""
    details = error.errors()
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(place != detail["loc"] and place[: len(detail["loc"])] == detail["loc"] for place in places)
    ]


def _fault(detail: Any, lines: Lines, source: str) -> Fault:  # Any: pydantic's ErrorDetails, whose ctx is untyped
    error = detail.get("ctx", {}).get("error")
    path = tuple(detail["loc"]) + (error.place if isinstance(error, MisplacedError) else ())
    return Fault(source, line_at(lines, path), dotted(path), _reason(detail))


def _reason(detail: Any) -> str:
    misplaced = detail.get("ctx", {}).get("error")
    if isinstance(misplaced, MisplacedError):
        return misplaced.reason
    plain = {
        "missing": "is required",
        "extra_forbidden": "is not a field here",
        "greater_than": "must be > {gt:g}",
        "greater_than_equal": "must be >= {ge:g}",
        "less_than_equal": "must be <= {le:g}",
        "string_type": "must be text (put it in quotes)",
        "too_short": "must have at least {min_length}",
        "model_type": "must be a mapping of fields",
    }
    context = detail.get("ctx", {})
    template = plain.get(detail["type"])
    return template.format(**context) if template else str(detail["msg"]).removeprefix("Value error, ")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a bank document."""
    return Bank.model_json_schema()


__all__ = ["document_lines", "dotted", "line_at", "load_bank", "make_bank", "parse_bank", "schema"]
