"""The graded example answers of a question that come nearest to an answer."""

from __future__ import annotations

from grader.bank.question import Exemplar, Question
from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder
from grader.signals.encoded import EncodedText, encode_fixed

_SHOWN = 3


def nearest_exemplars(
    answer: EncodedText, question: Question, encoder: Encoder, cache: EncodingCache | None
) -> tuple[Exemplar, ...]:
    """At most three, the nearest first; never one that the answer repeats, since that would tell its grade."""
    if not question.exemplars:
        return ()
    encoded = encode_fixed([exemplar.answer for exemplar in question.exemplars], encoder, cache)
    words = answer.reading.text.casefold().split()
    ranked = sorted(
        (
            (-float(answer.whole @ text.whole), place)
            for place, text in enumerate(encoded)
            if text.reading.text.casefold().split() != words
        )
    )
    return tuple(question.exemplars[place] for _, place in ranked[:_SHOWN])
