"""Banks written as YAML that people read."""

from __future__ import annotations

from hypothesis import given, settings
from strategies import banks

from grader.bank.loader import parse_bank
from grader.bank.question import Bank, Criterion, Place, Question, Source
from grader.bank.writing import bank_yaml

LONG = "The gate scales whatever passes through it, by a number between zero and one that the data teach it."


@settings(max_examples=25, deadline=None)
@given(banks())
def test_a_written_bank_reads_as_the_same_bank(bank: Bank) -> None:
    again = parse_bank(bank_yaml(bank), source="bank.yaml")
    assert again == bank
    assert again.content_hash == bank.content_hash


def test_a_bank_is_written_as_people_write_it() -> None:
    question = Question(
        id="gates-1",
        question="What is a gate?",
        topic="gates",
        references=("It scales:\n\n- one\n- two", LONG),
        criteria=(Criterion(id="scales", statement="It scales.", keywords=(("scale", "weigh"), ("1e3",))),),
        source=Place(document="a.md", number=1, lines=(3, 9)),
        review=True,
        review_reasons=("it is odd",),
    )
    other = Question(id="gates-2", question="no", references=("0o17",))
    bank = Bank(bank="gates", title="Gates", source=Source(document="a.md"), questions=(question, other))
    assert (
        bank_yaml(bank)
        == """\
bank: gates
title: Gates
source: {document: a.md}
questions:
  - id: gates-1
    question: What is a gate?
    review: true
    review_reasons:
      - it is odd
    source: {document: a.md, number: 1, lines: [3, 9]}
    topic: gates
    references:
      - |-
        It scales:

        - one
        - two
      - >-
        The gate scales whatever passes through it, by a number between zero and one that the data teach it.
    criteria:
      - id: scales
        statement: It scales.
        keywords: [[scale, weigh], ["1e3"]]

  - id: gates-2
    question: 'no'
    references:
      - "0o17"
"""
    )
