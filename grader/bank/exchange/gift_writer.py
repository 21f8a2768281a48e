r"""A bank as GIFT, Moodle's format of plain text: one essay a question, its references as general feedback.

Each question stands on one line: line feeds are written as `\n`, and `\ # = ~ { } :` have a backslash before them. GIFT
has no points; they stand, with topic and difficulty, in a comment, which Moodle passes over. The rubric stays behind.
Moodle shows general feedback to candidates once they have answered.
"""

from __future__ import annotations

import re

from grader.bank.exchange.categories import category_path
from grader.bank.exchange.characters import carried, check_carried, shortened, shown
from grader.bank.exchange.references import join_references
from grader.bank.exchange.rubric import bank_line, brief_line
from grader.bank.question import Bank, Question

_CONTROL = re.compile(r"[\\#=~{}:]")
_LONGEST_NAME = 120  # code points


def write_gift(bank: Bank) -> str:
    """The bank as GIFT.

    Raises:
        BankError: a question or reference holds a control character, which Moodle does not keep.
    """
    check_carried(bank)
    blocks = [f"// {bank_line(bank)}\n$CATEGORY: {category_path(bank.title)}", *map(_essay, bank.questions)]
    return "\n\n".join(blocks) + "\n"


def _essay(question: Question) -> str:
    name = escaped(shortened(f"{question.id} {question.question}", _LONGEST_NAME))
    text = escaped(carried(question.question))
    references = escaped(join_references(question.references))
    return (
        f"// [id:{question.id}]{_tag(question.topic)}\n"
        f"// {brief_line(question)}\n"
        f"::{name}::[plain]{text}{{####[plain]{references}}}"
    )


def escaped(text: str) -> str:
    """The text as it stands in GIFT."""
    return _CONTROL.sub(r"\\\g<0>", text).replace("\n", r"\n")


def _tag(topic: str | None) -> str:
    """A topic as Moodle's tag, if it can be one."""
    return f" [tag:{shown(topic)}]" if topic and not re.search(r"[\[\]<>`\\\x00-\x1f]", topic) else ""
