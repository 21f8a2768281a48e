"""All the witnesses about one answer, gathered."""

from __future__ import annotations

from dataclasses import dataclass

from grader.signals.encoded import EncodedText
from grader.signals.guards import GuardFinding, guard_findings
from grader.signals.judge import Opinion, Opinions, opinion_on
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
        opinion: what a judge says of the answer and it; None where no judge was asked.
    """

    similarity: StatementSimilarity
    keywords: KeywordMatch | None
    reading: ReferenceReading | None
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is measured of one answer, in the question's order of criteria and misconceptions."""

    answer: EncodedText
    reference: ReferenceReading
    criteria: tuple[StatementWitness, ...]
    misconceptions: tuple[StatementWitness, ...]
    guards: tuple[GuardFinding, ...]


def witness(
    answer: EncodedText, question: PreparedQuestion, opinions: Opinions | None = None, *, drafted: bool
) -> Witnesses:
    """Measure an answer against a question.

    Args:
        answer: what was answered.
        question: what was asked.
        opinions: a judge's, by statement; None where no judge was asked.
        drafted: whether the question's criteria are clauses of its reference.
    """
    index = WordIndex(answer.reading)
    compared = profile(answer, question.text)

    def measure(statement: PreparedStatement, read_as: Profile | None) -> StatementWitness:
        return StatementWitness(
            statement_similarity(answer, statement.wordings),
            match_keywords(statement.matcher, index),
            None if read_as is None else read_against(read_as, statement.profile),
            None if opinions is None else opinion_on(statement, opinions),
        )

    criteria = tuple(measure(statement, compared if drafted else None) for statement in question.criteria)
    said = [span for found in criteria if found.keywords is not None for span in found.keywords.spans]
    return Witnesses(
        answer,
        read_against_nearest(compared, question.references),
        criteria,
        tuple(measure(statement, None) for statement in question.misconceptions),
        guard_findings(answer, question, said),
    )
