"""The network of the local judge: a statement and a text read together, in one sequence of pieces.

Its layers began as a copy of the encoder's and were trained further (`models/cards/judge.md`). The embeddings of the
pieces stayed the encoder's own, so that only the layers and the head have to be kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu
from transformers import AutoModel

_SHARED = "bert.embeddings."
OUTCOMES = ("said", "open", "contradicted")


class CrossEncoder(nn.Module):
    """Pieces of `[CLS] statement [SEP] text [SEP]` to logits of `OUTCOMES`.

    Args:
        base: the folder of the encoder's transformer.
        attention: how transformers computes attention: `sdpa` is the quicker to read with, `eager` to train on a CPU.

    Raises:
        OSError, ValueError: the folder holds no such transformer.
    """

    def __init__(self, base: Path, attention: str = "sdpa") -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(
            base,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation=attention,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.bert.pooler = None
        self.bert.embeddings.requires_grad_(requires_grad=False)
        width = int(self.bert.config.hidden_size)
        self.hidden = nn.Linear(2 * width, width)
        self.outcome = nn.Linear(width, len(OUTCOMES))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Logits, shape (b, 3).

        Args:
            ids: shape (b, n), the pieces.
            types: shape (b, n), 0 in the statement and 1 in the text.
            mask: shape (b, n), 1 where there is a piece.
        """
        states = self.bert(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        weights = (mask * (types == 0)).unsqueeze(2).to(states.dtype)
        statement = (states * weights).sum(1) / weights.sum(1)
        logits: Tensor = self.outcome(gelu(self.hidden(torch.cat([states[:, 0], statement], dim=1))))
        return logits

    def learnt(self) -> dict[str, Tensor]:
        """The tensors that are not the encoder's own."""
        return {name: tensor for name, tensor in self.state_dict().items() if not name.startswith(_SHARED)}

    def load_learnt(self, tensors: Mapping[str, Tensor]) -> None:
        """Take what `learnt` gave.

        Raises:
            RuntimeError: a tensor is missing, unknown or of another shape.
        """
        shared = {name: tensor for name, tensor in self.state_dict().items() if name.startswith(_SHARED)}
        self.load_state_dict({**shared, **tensors})
