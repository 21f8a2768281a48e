"""All the witnesses about one answer, gathered."""

from __future__ import annotations

from dataclasses import dataclass

from grader.signals.encoded import EncodedText
from grader.signals.guards import GuardFinding, guard_findings
from grader.signals.keywords import KeywordMatch, match_keywords
from grader.signals.prepared import PreparedQuestion, PreparedStatement
from grader.signals.similarity import (
    ReferenceSimilarity,
    StatementSimilarity,
    reference_similarity,
    statement_similarity,
)
from grader.text.index import WordIndex


@dataclass(frozen=True, slots=True)
class StatementWitness:
    """What is measured of one statement in one answer; `keywords` is None where the statement has none to look for."""

    similarity: StatementSimilarity
    keywords: KeywordMatch | None


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is measured of one answer, in the question's order of criteria and misconceptions."""

    answer: EncodedText
    reference: ReferenceSimilarity
    criteria: tuple[StatementWitness, ...]
    misconceptions: tuple[StatementWitness, ...]
    guards: tuple[GuardFinding, ...]


def witness(answer: EncodedText, question: PreparedQuestion) -> Witnesses:
    """Measure an answer against a question."""
    index = WordIndex(answer.reading)
    criteria = tuple(_statement(answer, index, statement, question) for statement in question.criteria)
    said = [span for found in criteria if found.keywords is not None for span in found.keywords.spans]
    return Witnesses(
        answer,
        reference_similarity(answer, question.references, question.text),
        criteria,
        tuple(_statement(answer, index, statement, question) for statement in question.misconceptions),
        guard_findings(answer, question, said),
    )


def _statement(
    answer: EncodedText, index: WordIndex, statement: PreparedStatement, question: PreparedQuestion
) -> StatementWitness:
    return StatementWitness(
        statement_similarity(answer, statement.text, question.text), match_keywords(statement.matcher, index)
    )
