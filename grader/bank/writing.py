"""A bank to YAML as people write it: keys in the order of the fields, long texts as blocks, no defaults."""

from __future__ import annotations

import re
from typing import Any

import yaml

from grader.bank.loader import core_value
from grader.bank.question import Bank, Criterion, Misconception, Question

_WIDTH = 120
_SHORT = 90  # code points: a longer text becomes a block
_FIRST = ("id", "question", "review", "review_reasons", "source")  # what a person who reviews a question looks at first
_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")  # line breaks to YAML 1.1, and not to YAML 1.2

Values = dict[str, Any]  # Any: whatever JSON holds


def bank_yaml(bank: Bank) -> str:
    """The YAML document of a bank; read back, it is the same bank."""
    values = bank.model_dump(mode="json", exclude_defaults=True, exclude={"questions"})
    if "source" in values:
        values["source"] = _Line(values["source"])
    values["questions"] = [_question(question) for question in bank.questions]
    text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text.replace("\n  - id:", "\n\n  - id:").replace("questions:\n\n", "questions:\n", 1)


def _question(question: Question) -> Values:
    values = question.model_dump(mode="json", exclude_defaults=True)
    values = {name: values[name] for name in (*_FIRST, *values) if name in values}
    if "source" in values:
        values["source"] = _Line(values["source"])
    for part, statements in (("criteria", question.criteria), ("misconceptions", question.misconceptions)):
        if statements:
            values[part] = [_statement(one) for one in statements]
    return values


def _statement(one: Criterion | Misconception) -> Values:
    values = one.model_dump(mode="json", exclude_defaults=True)
    if one.keywords:
        values["keywords"] = _Row(values["keywords"])
    return values


class _Line(dict[str, Any]):  # Any: as above
    """A mapping written on one line."""


class _Row(list[Any]):  # Any: as above
    """A list written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Lists stand further in than their key."""
        super().increase_indent(flow, False)  # noqa: FBT003 (the signature is PyYAML's)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (a bank has no aliases, whatever repeats in it)
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """How a text is written: as a block if it is long, in quotes where YAML 1.2 would read something else."""
    if _OTHER_BREAKS.search(text) or not isinstance(core_value(text), str):
        return '"'
    if "\n" in text:
        return "|"
    if len(text) > _SHORT and "\t" not in text:  # a folded line must not begin with a tab
        return ">"
    return None


def _line(dumper: yaml.SafeDumper, value: _Line) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


def _row(dumper: yaml.SafeDumper, value: _Row) -> yaml.SequenceNode:
    rows = [_Row(one) if isinstance(one, list) else one for one in value]
    return dumper.represent_sequence("tag:yaml.org,2002:seq", rows, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Line, _line)
_Dumper.add_representer(_Row, _row)
