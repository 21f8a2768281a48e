"""What can be found wrong with a bank by encoding it: what is too long to be read at once, what is asked twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.bank.finding import Finding, Place, finding_in
from grader.bank.question import Bank, Question
from grader.encoders.protocol import Encoder, Floats, unit
from grader.text.reading import read

_SPECIAL = 2  # pieces of every window that stand for its beginning and end
# Of the 200 questions of the four banks, every pair beyond it asks the same or contains the other.
_ALIKE = 0.85  # cosine of questions, and of their references, from which they ask the same


def lint_encodings(bank: Bank, encoder: Encoder) -> list[Finding]:
    """Sentences beyond the encoder's window, and questions of one bank that are alike in question and references."""
    return [*_long_sentences(bank, encoder), *_near_duplicates(bank, encoder)]


def _long_sentences(bank: Bank, encoder: Encoder) -> Iterator[Finding]:
    """A sentence is what is encoded; one beyond the window is read in windows whose vectors are averaged."""
    if encoder.window is None:
        return
    room = encoder.window - _SPECIAL
    for number, question in enumerate(bank.questions):
        for place, text in _encoded_texts(question):
            sizes = [len(encoding.pieces) for encoding in encoder.encode([one.text for one in read(text).sentences])]
            for sentence, size in enumerate(sizes, start=1):
                if size > room:
                    reason = (
                        f"sentence {sentence} has {size} pieces and the model reads {room} at once: "
                        "its vector is a mean of windows, and what stands in different ones is not read together"
                    )
                    mend = "say it in shorter sentences"
                    yield finding_in(bank, ("questions", number, *place), reason, mend)


def _encoded_texts(question: Question) -> Iterator[tuple[Place, str]]:
    yield ("question",), question.question
    for number, reference in enumerate(question.references):
        yield ("references", number), reference
    for part, statements in (("criteria", question.criteria), ("misconceptions", question.misconceptions)):
        for number, statement in enumerate(statements):
            yield (part, number, "statement"), statement.statement
            for rank, wording in enumerate(statement.said_as):
                yield (part, number, "said_as", rank), wording


def _near_duplicates(bank: Bank, encoder: Encoder) -> Iterator[Finding]:
    """Pairs that ask the same in other words, unless they say so by a link."""
    asked = _vectors([(question.question,) for question in bank.questions], encoder)
    referred = _vectors([question.references for question in bank.questions], encoder)
    alike = np.minimum(asked @ asked.T, referred @ referred.T) >= _ALIKE
    for later, earlier in zip(*np.nonzero(np.tril(alike, -1)), strict=True):
        question, other = bank.questions[later], bank.questions[earlier]
        if other.id not in question.see_also:
            reason = f"asks the same as {other.id}, by its words and its references"
            mend = "merge them, or link them by see_also if both are meant"
            yield finding_in(bank, ("questions", int(later), "question"), reason, mend)


def _vectors(texts: list[tuple[str, ...]], encoder: Encoder) -> Floats:
    """Shape (n, d): for each group of texts the mean of their vectors, of length 1."""
    encodings = iter(encoder.encode([text for group in texts for text in group]))
    return np.stack([unit(np.mean([next(encodings).vector for _ in group], axis=0)) for group in texts])
