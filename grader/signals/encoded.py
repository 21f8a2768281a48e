"""A text that has been read and encoded: vectors of the whole, of its clauses and of its content words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.encoders.cache import EncodingCache
from grader.encoders.protocol import Encoder, Encoding, Floats, unit
from grader.text.normalize import Span
from grader.text.reading import Reading, Sentence, read
from grader.text.tokens import Token

_IN_PIECES = np.float32(0.3)  # a word that the vocabulary has only in pieces is rarer than any of them


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A reading and its vectors, all of length 1.

    Every sentence is encoded by itself: what one sentence says does not change with what is written beside it, so a
    right clause that is added cannot take away from another.

    Attributes:
        whole: shape (d,), the mean of its sentences, weighted by their pieces.
        clauses: shape (c, d), in the order of `clause_spans`.
        words: shape (w, d), one row a content word, in the order of `word_tokens`.
        rarity: shape (w,), how rare each content word is: its rarest piece's, in [0, 1], more where it has several.
    """

    reading: Reading
    clause_spans: tuple[Span, ...]
    word_tokens: tuple[Token, ...]
    whole: Floats
    clauses: Floats
    words: Floats
    rarity: Floats


def encode_texts(readings: Sequence[Reading], encoder: Encoder) -> list[EncodedText]:
    """Encode read texts, all their sentences in one call, keeping the order."""
    encodings = iter(encoder.encode([sentence.text for reading in readings for sentence in reading.sentences]))
    return [_assemble(reading, encodings, encoder.dimension) for reading in readings]


def encode_fixed(texts: Sequence[str], encoder: Encoder, cache: EncodingCache | None) -> list[EncodedText]:
    """Encode texts that stay (references, statements), kept on disk by content and encoder.

    Vectors are rounded to 16 bits whether they come from the cache or not, so that a first run equals a second.
    """
    readings = [read(text) for text in texts]
    key = hashlib.sha256("\0".join([encoder.identity, *texts]).encode()).hexdigest()
    kept = cache.load(key) if cache else None
    if kept is None:
        encoded = encode_texts(readings, encoder)
        kept = {
            f"{part}{index}": getattr(text, part).astype(np.float16)
            for index, text in enumerate(encoded)
            for part in ("whole", "clauses", "words", "rarity")
        }
        if cache:
            cache.save(key, kept)
    wide = {name: array.astype(np.float32) for name, array in kept.items()}
    return [
        EncodedText(
            reading,
            _clause_spans(reading),
            _content_words(reading),
            wide[f"whole{index}"],
            wide[f"clauses{index}"],
            wide[f"words{index}"],
            wide[f"rarity{index}"],
        )
        for index, reading in enumerate(readings)
    ]


def _assemble(reading: Reading, encodings: Iterator[Encoding], dimension: int) -> EncodedText:
    empty = np.zeros((0, dimension), np.float32)
    whole = np.zeros(dimension, np.float32)
    clauses: list[Floats] = []
    words: list[Floats] = []
    rarity: list[Floats] = []
    for sentence in reading.sentences:
        encoding = next(encodings)
        whole += encoding.vector * np.float32(max(len(encoding.pieces), 1))
        clauses.extend(_clause_vectors(sentence, encoding))
        sentence_words, sentence_rarity = _word_vectors(sentence, encoding)
        words.append(sentence_words)
        rarity.append(sentence_rarity)
    return EncodedText(
        reading,
        _clause_spans(reading),
        _content_words(reading),
        unit(whole),
        np.stack(clauses) if clauses else empty,
        np.concatenate(words) if words else empty,
        np.concatenate(rarity) if rarity else np.zeros(0, np.float32),
    )


def _clause_spans(reading: Reading) -> tuple[Span, ...]:
    return tuple(span for sentence in reading.sentences for span in sentence.clauses)


def _content_words(reading: Reading) -> tuple[Token, ...]:
    return tuple(token for token in reading.tokens if token.is_content)


def _clause_vectors(sentence: Sentence, encoding: Encoding) -> Iterator[Floats]:
    if len(sentence.clauses) == 1:
        yield encoding.vector
        return
    for clause in sentence.clauses:
        yield encoding.pool(clause.start - sentence.span.start, clause.end - sentence.span.start)


def _word_vectors(sentence: Sentence, encoding: Encoding) -> tuple[Floats, Floats]:
    """For each content word of a sentence the mean of its pieces, of length 1, and its rarity."""
    tokens = [token for token in sentence.tokens if token.is_content]
    dimension = encoding.vector.shape[0]
    if not tokens or not len(encoding.pieces):
        return np.zeros((len(tokens), dimension), np.float32), np.zeros(len(tokens), np.float32)
    edges = np.array([(token.start, token.end) for token in tokens]).ravel() - sentence.span.start
    bounds = np.searchsorted(encoding.offsets[:, 0], edges)
    padded = np.concatenate([encoding.pieces, np.zeros((1, dimension), np.float32)])
    sums = np.add.reduceat(padded, bounds)[::2]
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    vectors: Floats = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
    rarest = np.maximum.reduceat(np.append(encoding.rarity, np.float32(0)), bounds)[::2]
    return vectors, rarest + np.where(np.diff(bounds)[::2] > 1, _IN_PIECES, np.float32(0))
