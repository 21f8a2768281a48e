"""The sentence-transformer: one forward pass gives a text's vector and those of its pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from grader.encoders.device import Placement, place
from grader.encoders.loading_bars import no_loading_bars
from grader.encoders.passes import LARGE, SMALL, Begun, FixedPasses, Outputs
from grader.encoders.protocol import Encoding, Floats, unit
from grader.encoders.rarity import rarities
from grader.encoders.registry import ModelFiles, find_model
from grader.encoders.transfers import fetched, sent
from grader.errors import ModelError

_OVERLAP = 32  # pieces that neighbouring windows of a long text share


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of one text that fits the model; `fresh` pieces from `skip` on are not in the window before it."""

    text: int
    ids: list[int]
    offsets: list[tuple[int, int]]
    special: list[int]
    skip: int


class SentenceEncoder:
    """A sentence-transformers model on one device.

    Its passes have fixed shapes, so a text has the same vectors, bit for bit, whatever is encoded beside it on the same
    machine.

    Texts longer than the model's window are read in overlapping windows; their vector is the mean of the windows'
    vectors, weighted by the pieces that each adds.
    """

    def __init__(self, files: ModelFiles, placement: Placement) -> None:
        self.files = files
        self.placement = placement
        with no_loading_bars():
            self._model = _load(files, placement)
        self._tokenizer = self._model.tokenizer
        self._window = int(self._model.max_seq_length or self._tokenizer.model_max_length)
        kind = placement.device.partition(":")[0]
        self._passes = FixedPasses(self._begin, SMALL[kind], LARGE[kind])
        self._rarity = rarities(self._tokenizer.get_vocab())
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    @property
    def identity(self) -> str:
        """The digest of the model's files and the dtype."""
        return f"{self.files.digest[:32]}-{self.placement.dtype_name}"

    @property
    def window(self) -> int:
        """How many pieces, special ones included, the model reads at once."""
        return self._window

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """One encoding for each text, in order; equal texts are encoded once."""
        distinct = list(dict.fromkeys(texts))
        encoded = dict(zip(distinct, self._encode_distinct(distinct), strict=True))
        return [encoded[text] for text in texts]

    def _encode_distinct(self, texts: list[str]) -> list[Encoding]:
        if not texts:
            return []
        windows = self._windows(texts)
        parts: list[list[tuple[_Window, Floats, Floats]]] = [[] for _ in texts]
        outputs = self._passes.run(windows, [len(window.ids) for window in windows])
        for window, (vector, pieces) in zip(windows, outputs, strict=True):
            parts[window.text].append((window, vector, pieces))
        return [_join(part, self._rarity) for part in parts]

    def _windows(self, texts: list[str]) -> list[_Window]:
        tokenized = self._tokenizer(
            texts,
            truncation=True,
            max_length=self._window,
            stride=_OVERLAP,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        owners = tokenized["overflow_to_sample_mapping"]
        columns = (tokenized["input_ids"], tokenized["offset_mapping"], tokenized["special_tokens_mask"])
        return [
            _Window(owner, ids, offsets, special, _OVERLAP if place and owners[place - 1] == owner else 0)
            for place, (owner, ids, offsets, special) in enumerate(zip(owners, *columns, strict=True))
        ]

    @torch.inference_mode()
    def _begin(self, windows: Sequence[_Window], length: int, rows: int) -> Begun:
        """Begin a pass of `rows` by `length`, for the vector and the pieces' vectors of each window."""
        shape = (rows, length)
        ids = np.full(shape, self._tokenizer.pad_token_id or 0, np.int64)
        mask = np.zeros(shape, np.int64)
        mask[:, 0] = 1  # an empty row attends to one padding piece: nothing at all would be a division by zero
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        features: dict[str, Any] = {  # Any: the model adds its outputs to what it was given
            "input_ids": sent(ids, self.placement.device),
            "attention_mask": sent(mask, self.placement.device),
        }
        if "token_type_ids" in self._tokenizer.model_input_names:
            features["token_type_ids"] = torch.zeros_like(features["input_ids"])
        output = self._model(features)
        vectors, pieces = fetched(output["sentence_embedding"]), fetched(output["token_embeddings"])
        sizes = [len(window.ids) for window in windows]

        def outputs() -> list[Outputs]:
            found = zip(vectors()[: len(sizes)], pieces()[: len(sizes)], sizes, strict=True)
            return [(vector, of_pieces[:size]) for vector, of_pieces, size in found]

        return outputs


def load_encoder(model: str, device: str, dtype: str) -> SentenceEncoder:
    """Find, verify and load a model.

    Raises:
        ModelError: it is not there, not the pinned one, or not safe.
        DeviceUnavailable: the device or dtype is not to be had here.
    """
    return SentenceEncoder(find_model(model), place(device, dtype))


def _load(files: ModelFiles, placement: Placement) -> SentenceTransformer:
    try:
        return SentenceTransformer(
            str(files.folder),
            device=placement.device,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"dtype": placement.dtype, "use_safetensors": True},
        ).eval()
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{files.folder}: {' '.join(str(error).split())[:300]}") from error


def _join(parts: Sequence[tuple[_Window, Floats, Floats]], rarity: Floats) -> Encoding:
    vectors, pieces, offsets, rarities, weights = [], [], [], [], []
    for window, vector, window_pieces in parts:
        kept = np.flatnonzero(np.asarray(window.special) == 0)[window.skip :]
        vectors.append(vector)
        pieces.append(window_pieces[kept])
        offsets.append(np.asarray(window.offsets, np.int32).reshape(-1, 2)[kept])
        rarities.append(rarity[np.asarray(window.ids)[kept]])
        weights.append(max(len(kept), 1))
    mean = np.average(np.stack(vectors), axis=0, weights=weights).astype(np.float32)
    return Encoding(unit(mean), np.concatenate(pieces), np.concatenate(offsets), np.concatenate(rarities))
