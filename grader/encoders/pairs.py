"""Pairs of a statement and a text as the pieces that a cross-encoder reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerBase

from grader.encoders.protocol import Pair

LONGEST_STATEMENT, LONGEST = 96, 256  # pieces, special ones included: of a statement, and of a pair

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairRow:
    """The pieces of `[CLS] statement [SEP] text [SEP]`; the text's begin at `text`."""

    ids: list[int]
    text: int


def pair_rows(tokenizer: PreTrainedTokenizerBase, pairs: Sequence[Pair], longest: int = LONGEST) -> list[PairRow]:
    """The pieces of pairs; what a statement or a text has beyond its room is left out."""
    if not pairs:
        return []
    statements = _pieces(tokenizer, [statement for statement, _ in pairs])
    texts = _pieces(tokenizer, [text for _, text in pairs])
    first, last = int(tokenizer.cls_token_id or 0), int(tokenizer.sep_token_id or 0)
    rows = []
    for statement, text in zip(statements, texts, strict=True):
        head = [first, *statement[: LONGEST_STATEMENT - 2], last]
        rows.append(PairRow([*head, *text[: longest - len(head) - 1], last], len(head)))
    return rows


def padded(batch: Sequence[PairRow], rows: int, length: int, padding: int) -> tuple[Ids, Ids, Ids]:
    """Ids, types (0 in the statement, 1 in the text) and mask, each of shape (rows, length)."""
    ids = np.full((rows, length), padding, np.int64)
    types, mask = np.zeros_like(ids), np.zeros_like(ids)
    mask[:, 0] = 1  # an empty row attends to one padding piece: nothing at all would be a division by zero
    for place, row in enumerate(batch):
        ids[place, : len(row.ids)] = row.ids
        types[place, row.text : len(row.ids)] = 1
        mask[place, : len(row.ids)] = 1
    return ids, types, mask


def _pieces(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    distinct = list(dict.fromkeys(texts))
    ids = dict(zip(distinct, tokenizer(distinct, add_special_tokens=False, verbose=False)["input_ids"], strict=True))
    return [ids[text] for text in texts]
