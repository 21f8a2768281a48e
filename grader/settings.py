"""Every setting, read once at the door and passed down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, field_validator
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
    """

    model_config = SettingsConfigDict(env_prefix="GRADER_", frozen=True, extra="ignore")

    model: str = "all-MiniLM-L6-v2"
    judge: str = "claims-1"
    device: str = "auto"
    dtype: str = "auto"
    banks: Annotated[tuple[Path, ...], NoDecode] = ()
    cache_dir: Path = Field(default_factory=_default_cache)
    max_answer_bytes: int = Field(default=100_000, ge=1, le=10_000_000)
    threshold: float = Field(default=0.6, ge=0, le=1, allow_inf_nan=False)

    @field_validator("banks", mode="before")
    @classmethod
    def _split_paths(cls, banks: object) -> object:
        return tuple(part for part in banks.split(os.pathsep) if part) if isinstance(banks, str) else banks
