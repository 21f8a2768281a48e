"""The grader that the settings ask for: the one that `grader grade` grades with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from grader.errors import ExtraMissing, RemoteJudgeError
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.bank.library import Library
    from grader.encoders.protocol import Judge
    from grader.grading import Grader
    from grader.llm.judge import ChatJudge, Limits
    from grader.llm.kept import Replies


def load_grader(
    chosen: Settings | None = None, library: Library | None = None, remote: ChatJudge | None = None
) -> Grader:
    """A grader, its models loaded.

    Args:
        chosen: the settings; by default those of the environment, and the built-in ones.
        library: the banks; by default those that come with the project, and those that the settings name.
        remote: a language model, asked as the mode in the settings says (see `remote_judge`); None asks none.

    Raises:
        BankError: a bank cannot be read.
        ModelError: a model is not there, not the pinned one, or not safe.
        DeviceUnavailable: the device or dtype is not to be had here.
        CalibrationError: the scales cannot be read, or are those of other models.
    """
    from grader.bank.library import load_library
    from grader.encoders.cache import EncodingCache
    from grader.encoders.sentence import load_encoder
    from grader.grading import Grader
    from grader.scoring.scale import load_scales

    chosen = chosen or Settings()
    scales = None if chosen.scale is None else load_scales(chosen.scale)
    return Grader(
        library or load_library(chosen.banks, chosen.cache_dir),
        load_encoder(chosen.model, chosen.device, chosen.dtype),
        chosen_judge(chosen),
        threshold=chosen.threshold,
        max_answer_bytes=chosen.max_answer_bytes,
        cache=EncodingCache(chosen.cache_dir),
        scales=scales,
        remote=remote,
        remote_mode="always" if chosen.judge_mode == "always" else "review",
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


def remote_judge(chosen: Settings, kept: Replies | None = None) -> ChatJudge | None:
    """The language model that the settings name; None where they turn it off.

    Its replies are kept in `kept`, by default in the folder of encodings.

    Raises:
        ExtraMissing: its libraries are not installed.
        RemoteJudgeError: the settings do not say where or what it is, or what costs are to be counted by.
    """
    if chosen.judge_mode == "off":
        return None
    if not chosen.judge_base_url or not chosen.judge_model:
        lacking = "GRADER_JUDGE_MODEL" if chosen.judge_base_url else "GRADER_JUDGE_BASE_URL"
        raise RemoteJudgeError(f"--judge-mode {chosen.judge_mode} asks a language model, and {lacking} is not set")
    for library in ("openai", "pyrate_limiter"):
        if find_spec(library) is None:
            raise ExtraMissing(library, "llm")
    from grader.llm.endpoint import Endpoint
    from grader.llm.judge import ChatJudge
    from grader.llm.kept import KeptReplies

    endpoint = Endpoint(
        base_url=chosen.judge_base_url,
        model=chosen.judge_model,
        api_key=None if chosen.judge_api_key is None else chosen.judge_api_key.get_secret_value(),
        timeout_s=chosen.judge_timeout_s,
        attempts=chosen.judge_attempts,
        concurrency=chosen.judge_concurrency,
        per_minute=chosen.judge_per_minute,
        max_reply_tokens=chosen.judge_max_reply_tokens,
    )
    return ChatJudge(endpoint, _limits(chosen), kept or KeptReplies(chosen.cache_dir / "judged"))


def _limits(chosen: Settings) -> Limits:
    from grader.llm.budget import Prices
    from grader.llm.judge import Limits

    read, written = chosen.judge_price_read, chosen.judge_price_written
    if (read is None) != (written is None):
        raise RemoteJudgeError("GRADER_JUDGE_PRICE_READ and GRADER_JUDGE_PRICE_WRITTEN go together: set both or none")
    prices = None if read is None or written is None else Prices(read, written)
    return Limits(chosen.max_judge_tokens, chosen.max_judge_cost, prices)
