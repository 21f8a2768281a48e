"""The grader that settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.bank.library import Library
    from grader.grading import Grader
    from grader.settings import Settings


def make_grader(chosen: Settings, library: Library) -> Grader:
    """A grader of these banks; the model is loaded, which takes seconds."""
    from grader.encoders.cache import EncodingCache
    from grader.encoders.sentence import load_encoder
    from grader.grading import Grader

    return Grader(
        library,
        load_encoder(chosen.model, chosen.device, chosen.dtype),
        threshold=chosen.threshold,
        max_answer_bytes=chosen.max_answer_bytes,
        cache=EncodingCache(chosen.cache_dir),
    )
