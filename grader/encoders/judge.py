"""The local judge: does a text say a statement, leave it open, or say the contrary?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoTokenizer

from grader.encoders.cross_encoder import OUTCOMES, CrossEncoder
from grader.encoders.device import Placement, place
from grader.encoders.loading_bars import no_loading_bars
from grader.encoders.pairs import PairRow, padded, pair_rows
from grader.encoders.passes import LARGE, SMALL, Begun, FixedPasses
from grader.encoders.protocol import Floats, Pair
from grader.encoders.registry import JudgeFiles, find_judge
from grader.encoders.transfers import fetched, sent
from grader.errors import ModelError

_STEP = 16  # pieces


class LocalJudge:
    """A trained cross-encoder on one device.

    Its passes have fixed shapes, so what it finds of a pair is the same, bit for bit, whatever is judged beside it on
    the same machine.

    Raises:
        ModelError: the weights do not fit the transformer that they were trained over.
    """

    def __init__(self, files: JudgeFiles, placement: Placement) -> None:
        self.files = files
        self._placement = placement
        self.tokenizer = AutoTokenizer.from_pretrained(files.base, local_files_only=True, trust_remote_code=False)
        self._network = _load(files).to(placement.device, placement.dtype).eval()
        kind = placement.device.partition(":")[0]
        self._passes = FixedPasses(self._begin, SMALL[kind], LARGE[kind], _STEP)

    @property
    def identity(self) -> str:
        """The digest of its weights and the dtype."""
        return f"{self.files.digest[:32]}-{self._placement.dtype_name}"

    def judge(self, pairs: Sequence[Pair]) -> Floats:
        """Shape (n, 3): for each pair, in order, the probabilities of `OUTCOMES`."""
        distinct = list(dict.fromkeys(pairs))
        rows = pair_rows(self.tokenizer, distinct)
        outputs = self._passes.run(rows, [len(row.ids) for row in rows])
        found = {pair: output[0] for pair, output in zip(distinct, outputs, strict=True)}
        return np.stack([found[pair] for pair in pairs]) if pairs else np.zeros((0, len(OUTCOMES)), np.float32)

    @torch.inference_mode()
    def _begin(self, batch: Sequence[PairRow], length: int, rows: int) -> Begun:
        arrays = padded(batch, rows, length, self.tokenizer.pad_token_id or 0)
        logits = self._network(*(sent(array, self._placement.device) for array in arrays))
        probabilities, filled = fetched(logits.float().softmax(dim=1)), len(batch)
        return lambda: [(of_pair,) for of_pair in probabilities()[:filled]]


def load_judge(judge: str, device: str, dtype: str) -> LocalJudge:
    """Find, verify and load a judge.

    Args:
        judge: a registered name, or a safetensors file that `grader train-judge` wrote.
        device: as for the encoder.
        dtype: as for the encoder.

    Raises:
        ModelError: it is not there, not the pinned one, or does not fit.
        DeviceUnavailable: the device or dtype is not to be had here.
    """
    return LocalJudge(find_judge(judge), place(device, dtype))


def _load(files: JudgeFiles) -> CrossEncoder:
    try:
        with no_loading_bars():
            network = CrossEncoder(files.base)
        network.load_learnt({name: tensor.float() for name, tensor in load_file(files.weights).items()})
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise ModelError(f"{files.weights}: {' '.join(str(error).split())[:300]}") from error
    return network
