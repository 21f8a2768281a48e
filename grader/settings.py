"""Every setting, read once at the door and passed down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _default_cache() -> Path:
    return Path(platformdirs.user_cache_dir("answer-grader"))


class Settings(BaseSettings):
    """The settings, from arguments or `GRADER_…` environment variables.

    Attributes:
        model: a registered name, a folder of a sentence-transformers model, or NAME@REVISION.
        judge: what reads answers against statements: a registered name, a safetensors file, or `off`.
        device: `auto`, or a torch device.
        dtype: `auto`, `fp32`, `bf16` or `fp16`.
        banks: files or folders of banks beside those that come with the project; in the environment separated as in
            PATH.
        cache_dir: where encoded questions are kept.
        max_answer_bytes: the longest answer, in bytes of UTF-8.
        threshold: the pass mark, a score in [0, 1].
        judge_mode: which answers a language model is asked about by the verbs that may ask one: none (`off`), those
            whose local grade needs `review`, or all (`always`).
        judge_base_url: its endpoint, up to and with `/v1`.
        judge_model: what the endpoint calls it.
        judge_api_key: the endpoint's key; None where none is wanted.
        judge_timeout_s: the longest time that it may take for a reply, in seconds.
        judge_attempts: how often it is asked where it is busy or fails.
        judge_concurrency: how many answers it judges at the same time.
        judge_per_minute: how often it may be asked in a minute; None sets no limit.
        judge_max_reply_tokens: its longest reply, in tokens.
        judge_price_read: what a million tokens that it reads cost; None where that is not known.
        judge_price_written: what a million tokens that it writes cost, in the same currency.
        max_judge_cost: the most that a run may spend on it, in that currency.
        max_judge_tokens: the most tokens that a run may use on it, read and written.
        scale: the scales to which scores are moved, as `grader calibrate` writes them; None leaves them.
    """

    model_config = SettingsConfigDict(env_prefix="GRADER_", frozen=True, extra="ignore")

    model: str = "all-MiniLM-L6-v2"
    judge: str = "claims-3"
    device: str = "auto"
    dtype: str = "auto"
    banks: Annotated[tuple[Path, ...], NoDecode] = ()
    cache_dir: Path = Field(default_factory=_default_cache)
    max_answer_bytes: int = Field(default=100_000, ge=1, le=10_000_000)
    threshold: float = Field(default=0.6, ge=0, le=1, allow_inf_nan=False)
    scale: Path | None = None
    judge_mode: Literal["off", "review", "always"] = "off"
    judge_base_url: str | None = None
    judge_model: str | None = None
    judge_api_key: SecretStr | None = None
    judge_timeout_s: float = Field(default=60.0, gt=0, le=3600, allow_inf_nan=False)
    judge_attempts: int = Field(default=4, ge=1, le=20)
    judge_concurrency: int = Field(default=8, ge=1, le=256)
    judge_per_minute: int | None = Field(default=None, ge=1)
    judge_max_reply_tokens: int = Field(default=4096, ge=64)
    judge_price_read: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    judge_price_written: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    max_judge_cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    max_judge_tokens: int | None = Field(default=None, ge=0)

    @field_validator("banks", mode="before")
    @classmethod
    def _split_paths(cls, banks: object) -> object:
        return tuple(part for part in banks.split(os.pathsep) if part) if isinstance(banks, str) else banks
