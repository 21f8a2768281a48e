"""What an audit attacks: a question with what is known of its right and wrong answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.bank.keywords import is_pattern
from grader.bank.question import Bank, Question
from grader.text.reading import read

_FEW_KEYWORDS = 3  # of fewer from the rubric, the reference's own words make the list
_MOST_KEYWORDS = 14


@dataclass(frozen=True, slots=True)
class Target:
    """A question to attack.

    Attributes:
        references: at least one.
        complete: full-mark answers besides the references; may be empty.
        terse: short right answers; may be empty.
        wrong: fluent wrong answers; may be empty.
        keywords: the words that a good answer holds.
        stranger: a right answer to another question; empty where there is no other.
    """

    id: str
    question: str
    references: tuple[str, ...]
    complete: tuple[str, ...]
    terse: tuple[str, ...]
    wrong: tuple[str, ...]
    keywords: tuple[str, ...]
    stranger: str

    @property
    def right(self) -> tuple[str, ...]:
        """What is turned into wrong answers: the first reference and the complete example answers."""
        return (self.references[0], *self.complete)

    @property
    def astray(self) -> tuple[str, ...]:
        """What must not pass whatever is done to it: wrong answers and the answer to another question."""
        return (*self.wrong, self.stranger) if self.stranger else self.wrong


def bank_targets(bank: Bank, seed: int) -> tuple[Target, ...]:
    """A target for each question of a bank, with its graded example answers."""
    linked = {(one.id, other) for one in bank.questions for other in one.see_also}
    return tuple(_of_question(question, bank.questions, linked, seed) for question in bank.questions)


def plain_targets(questions: Sequence[tuple[str, str, tuple[str, ...]]], seed: int) -> tuple[Target, ...]:
    """Targets of questions that have only an id, a text and references, as in marked data."""
    return tuple(
        Target(
            id=name,
            question=text,
            references=references,
            complete=(),
            terse=(),
            wrong=(),
            keywords=_own_words(text, references[0]),
            stranger=_stranger(name, {other: answers[0] for other, _, answers in questions if other != name}, seed),
        )
        for name, text, references in questions
    )


def _of_question(
    question: Question, all_questions: Iterable[Question], linked: set[tuple[str, str]], seed: int
) -> Target:
    others = {
        other.id: other.references[0]
        for other in all_questions
        if other.id != question.id and not {(question.id, other.id), (other.id, question.id)} & linked
    }
    keywords = tuple(dict.fromkeys(_first_keywords(question)))[:_MOST_KEYWORDS]
    return Target(
        id=question.id,
        question=question.question,
        references=question.references,
        complete=tuple(_exemplars(question, "complete")),
        terse=tuple(_exemplars(question, "terse")),
        wrong=tuple(_exemplars(question, "misconception", "bluff")),
        keywords=keywords if len(keywords) >= _FEW_KEYWORDS else _own_words(question.question, question.references[0]),
        stranger=_stranger(question.id, others, seed),
    )


def _exemplars(question: Question, *kinds: str) -> Iterator[str]:
    return (exemplar.answer for exemplar in question.exemplars if exemplar.kind in kinds)


def _first_keywords(question: Question) -> Iterator[str]:
    """The first whole word or phrase of every group of every criterion."""
    for criterion in question.criteria:
        for group in criterion.keywords:
            yield from [word for word in group if not is_pattern(word) and not word.endswith("*")][:1]


def _own_words(question: str, reference: str) -> tuple[str, ...]:
    """The content words of a reference that the question does not say."""
    told = read(question).content_stems
    words = {token.stem: token.form for token in read(reference).tokens if token.is_content and token.stem not in told}
    return tuple(words.values())[:_MOST_KEYWORDS]


def _stranger(name: str, others: dict[str, str], seed: int) -> str:
    """The answer of the other question whose id hashes lowest with this one's.

    So a question that is added takes the place of another's stranger once in as many questions, and else changes none
    (rendezvous hashing, Thaler and Ravishankar 1998).
    """
    if not others:
        return ""
    return others[min(others, key=lambda other: hashlib.sha256(f"{seed}/{name}/{other}".encode()).digest())]
