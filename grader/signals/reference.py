"""A text read against a reference: how much of it is said, and how much else.

Each number compares an answer with a reference or with one statement of it, in [0, 1]. None of them knows whether a
claim is true; together, weighed on answers that people marked, they follow the marks better than any of them alone
(`models/cards/combination.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

from grader.encoders.protocol import Floats
from grader.signals.encoded import EncodedText

_NO_NUMBERS = 0.5  # neither for nor against an answer, where the reference has none


@dataclass(frozen=True, slots=True)
class Profile:
    """What of a text is compared, worked out once.

    Attributes:
        new: boolean, shape (w,): which content words are not the question's own.
        stems: for each stem of a content word how rare it is.
        new_stems: the same, those of the question left out.
        letters: the runs of three characters.
        numbers: the numbers, as written.
        question_similarity: cosine of the text and its question, 0 where negative.
    """

    text: EncodedText
    new: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    stems: dict[str, float]
    new_stems: dict[str, float]
    letters: frozenset[str]
    numbers: frozenset[str]
    question_similarity: float


@dataclass(frozen=True, slots=True)
class ReferenceReading:
    """An answer against a reference.

    Attributes:
        similarity: cosine of the two texts, 0 where negative.
        question_similarity: the same of the answer and the question: what repeating the question earns.
        word_recall: over the reference's content words, the question's own left out, the mean of the best cosine to a
            word of the answer, weighted by rarity.
        word_precision: the same over the answer's words, to the reference's.
        shared_words: the share, by rarity, of the answer's new content words that stand in the reference.
        letters: the share of the reference's runs of three characters that stand in the answer.
        numbers: the share of the reference's numbers that stand in the answer; one half where it has none.
    """

    similarity: float
    question_similarity: float
    word_recall: float
    word_precision: float
    shared_words: float
    letters: float
    numbers: float

    @property
    def nearness(self) -> float:
        """By what the nearest of several references is chosen, in [0, 2]."""
        return self.similarity + self.word_recall

    @property
    def values(self) -> dict[str, float]:
        """The numbers by name."""
        return asdict(self)


READING_SIGNS = {field.name: -1 if field.name == "question_similarity" else 1 for field in fields(ReferenceReading)}
"""What each number says, all others being equal: 1 speaks for an answer, -1 against it."""
NOTHING_SAID = ReferenceReading(*[0.0] * len(READING_SIGNS))


def profile(text: EncodedText, question: EncodedText) -> Profile:
    """Work out what of a text is compared, in the light of its question."""
    told = question.reading.content_stems
    new = np.array([token.stem not in told for token in text.word_tokens], np.bool_)
    stems = {token.stem: float(rare) for token, rare in zip(text.word_tokens, text.rarity, strict=True)}
    squeezed = " ".join(text.reading.text.lower().split())
    return Profile(
        text,
        new,
        stems,
        {stem: rare for stem, rare in stems.items() if stem not in told},
        frozenset(squeezed[place : place + 3] for place in range(len(squeezed) - 2)),
        frozenset(token.stem for token in text.reading.tokens if token.form[0].isdigit()),
        _cosine(text, question),
    )


def read_against(answer: Profile, reference: Profile) -> ReferenceReading:
    """Compare an answer with a reference to the same question."""
    if not len(answer.text.words) or not len(reference.text.words):
        return NOTHING_SAID
    cosines = np.clip(answer.text.words @ reference.text.words.T, 0, 1)
    wanted = reference.new if reference.new.any() else np.ones_like(reference.new)
    return ReferenceReading(
        _cosine(answer.text, reference.text),
        answer.question_similarity,
        _mean(cosines.max(axis=0)[wanted], reference.text.rarity[wanted]),
        _mean(cosines.max(axis=1)[answer.new], answer.text.rarity[answer.new]),
        _share(answer.new_stems, reference.stems),
        len(answer.letters & reference.letters) / len(reference.letters) if reference.letters else 0.0,
        len(answer.numbers & reference.numbers) / len(reference.numbers) if reference.numbers else _NO_NUMBERS,
    )


def read_against_nearest(answer: Profile, references: Sequence[Profile]) -> ReferenceReading:
    """Compare an answer with the reference that it comes nearest to, by similarity and word recall."""
    readings = (read_against(answer, reference) for reference in references)
    return max(readings, key=lambda reading: reading.nearness)


def _cosine(one: EncodedText, other: EncodedText) -> float:
    return min(1.0, max(0.0, float(one.whole @ other.whole)))


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return min(1.0, float(values @ weights) / total) if total > 0 else 0.0


def _share(stems: dict[str, float], known: dict[str, float]) -> float:
    total = sum(stems.values())
    return sum(rare for stem, rare in stems.items() if stem in known) / total if total > 0 else 0.0
