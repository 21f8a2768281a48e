"""The grader that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.bank.library import Library
    from grader.encoders.protocol import Judge
    from grader.grading import Grader
    from grader.settings import Settings


def load_grader(chosen: Settings, library: Library) -> Grader:
    """A grader of a library's questions, its models loaded.

    Raises:
        ModelError: a model is not there, not the pinned one, or not safe.
        DeviceUnavailable: the device or dtype is not to be had here.
    """
    from grader.encoders.cache import EncodingCache
    from grader.encoders.sentence import load_encoder
    from grader.grading import Grader

    return Grader(
        library,
        load_encoder(chosen.model, chosen.device, chosen.dtype),
        chosen_judge(chosen),
        threshold=chosen.threshold,
        max_answer_bytes=chosen.max_answer_bytes,
        cache=EncodingCache(chosen.cache_dir),
    )


def chosen_judge(chosen: Settings) -> Judge | None:
    """The judge that the settings name; None where they turn it off.

    Raises:
        ModelError, DeviceUnavailable: as for `load_grader`.
    """
    if chosen.judge == "off":
        return None
    from grader.encoders.judge import load_judge

    return load_judge(chosen.judge, chosen.device, chosen.dtype)
