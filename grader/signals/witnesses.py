"""All the witnesses about one answer, gathered."""

from __future__ import annotations

from dataclasses import dataclass

from grader.signals.encoded import EncodedText
from grader.signals.guards import GuardFinding, guard_findings
from grader.signals.keywords import KeywordMatch, match_keywords
from grader.signals.prepared import PreparedQuestion, PreparedStatement
from grader.signals.reference import Profile, ReferenceReading, profile, read_against, read_against_nearest
from grader.signals.similarity import StatementSimilarity, statement_similarity
from grader.text.index import WordIndex


@dataclass(frozen=True, slots=True)
class StatementWitness:
    """What is measured of one statement in one answer.

    Attributes:
        similarity: how near the answer comes to it.
        keywords: how its keywords are said; None where the statement has none to look for.
        reading: the answer read against it as against a reference; None unless the rubric is drafted.
    """

    similarity: StatementSimilarity
    keywords: KeywordMatch | None
    reading: ReferenceReading | None


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is measured of one answer, in the question's order of criteria and misconceptions."""

    answer: EncodedText
    reference: ReferenceReading
    criteria: tuple[StatementWitness, ...]
    misconceptions: tuple[StatementWitness, ...]
    guards: tuple[GuardFinding, ...]


def witness(answer: EncodedText, question: PreparedQuestion, *, drafted: bool) -> Witnesses:
    """Measure an answer against a question; `drafted` tells that its criteria are clauses of its reference."""
    index = WordIndex(answer.reading)
    compared = profile(answer, question.text)
    criteria = tuple(
        _statement(answer, index, statement, question, compared if drafted else None) for statement in question.criteria
    )
    said = [span for found in criteria if found.keywords is not None for span in found.keywords.spans]
    return Witnesses(
        answer,
        read_against_nearest(compared, question.references),
        criteria,
        tuple(_statement(answer, index, statement, question, None) for statement in question.misconceptions),
        guard_findings(answer, question, said),
    )


def _statement(
    answer: EncodedText,
    index: WordIndex,
    statement: PreparedStatement,
    question: PreparedQuestion,
    compared: Profile | None,
) -> StatementWitness:
    return StatementWitness(
        statement_similarity(answer, statement.text, question.text),
        match_keywords(statement.matcher, index),
        None if compared is None else read_against(compared, statement.profile),
    )
