"""Examples from a bank: what its exemplars' verdicts and claims say of its criteria and misconceptions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.bank.question import Bank, Exemplar, Question
from grader.encoders.protocol import Encoder, Floats
from grader.grade import Verdict
from grader.text.reading import read
from grader.training.judge.examples import Example, Outcome, after_question

_OUTCOMES = {  # a criterion that is met in part is neither said nor not
    Verdict.MET: Outcome.SAID,
    Verdict.MISSING: Outcome.OPEN,
    Verdict.CONTRADICTED: Outcome.CONTRADICTED,
}
_OPEN_KEPT = 0.75  # the share of what whole answers leave open: there is more of it than of the rest
_SENTENCE_TOO = 0.5  # the share of statements that are also read against one sentence of the answer
_SENTENCE_WEIGHT = {Outcome.SAID: 0.6, Outcome.CONTRADICTED: 0.6}  # the right sentence is found by its vector, a guess
_OTHER_WEIGHT = 0.5
_QUESTION_REPEATED = 0.2  # the share of exemplars beside which the question alone is read, which says nothing

Vectors = Mapping[str, Floats]


def exemplar_examples(bank: Bank, encoder: Encoder, chance: random.Random) -> Iterator[Example]:
    """The examples of a bank's exemplars, each under its question."""
    for question in bank.questions:
        vectors = _vectors(question, encoder)
        for exemplar in question.exemplars:
            outcomes = list(_outcomes(question, exemplar))
            sentences = _sentences(exemplar.answer)
            for statement, outcome in outcomes:
                yield from _whole(question, exemplar, statement, outcome, chance)
                if len(sentences) > 1 and chance.random() < _SENTENCE_TOO:
                    yield _sentence(question, sentences, statement, outcome, vectors, chance)
            if outcomes and chance.random() < _QUESTION_REPEATED:
                yield _repeated(question, chance.choice(outcomes)[0], chance)


def _outcomes(question: Question, exemplar: Exemplar) -> Iterator[tuple[str, Outcome]]:
    """What the exemplar makes of each criterion and misconception."""
    for criterion in question.criteria:
        verdict = exemplar.verdicts.get(criterion.id, Verdict.MISSING)
        if verdict in _OUTCOMES:
            yield criterion.statement, _OUTCOMES[verdict]
    for misconception in question.misconceptions:
        claimed = misconception.id in exemplar.claims
        yield misconception.statement, Outcome.SAID if claimed else Outcome.NOT_SAID


def _whole(
    question: Question, exemplar: Exemplar, statement: str, outcome: Outcome, chance: random.Random
) -> Iterator[Example]:
    if outcome in _SENTENCE_WEIGHT or chance.random() < _OPEN_KEPT:
        text = after_question(question.question, exemplar.answer, chance)
        yield Example(statement, text, outcome, "exemplars", question.id)


def _sentence(
    question: Question,
    sentences: Sequence[str],
    statement: str,
    outcome: Outcome,
    vectors: Vectors,
    chance: random.Random,
) -> Example:
    """One sentence of the answer: the nearest to the statement, or any where the answer does not speak of it."""
    nearest = sentences[int(np.argmax([float(vectors[one] @ vectors[statement]) for one in sentences]))]
    speaks = outcome in _SENTENCE_WEIGHT
    chosen = nearest if speaks or chance.random() < 0.5 else chance.choice(sentences)
    weight = _SENTENCE_WEIGHT.get(outcome, _OTHER_WEIGHT)
    text = after_question(question.question, chosen, chance)
    return Example(statement, text, outcome, "exemplars' sentences", question.id, weight)


def _repeated(question: Question, statement: str, chance: random.Random) -> Example:
    text = after_question(question.question, question.question, chance)
    return Example(statement, text, Outcome.OPEN, "questions", question.id)


def _vectors(question: Question, encoder: Encoder) -> Vectors:
    texts = [one.statement for one in (*question.criteria, *question.misconceptions)]
    texts += [sentence for exemplar in question.exemplars for sentence in _sentences(exemplar.answer)]
    return {text: found.vector for text, found in zip(texts, encoder.encode(texts), strict=True)}


def _sentences(text: str) -> list[str]:
    return [sentence.text for sentence in read(text).sentences]
