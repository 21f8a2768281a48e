"""The service's settings: the grader's, and its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from grader.settings import Settings


def _default_data() -> Path:
    return Path(platformdirs.user_data_dir("answer-grader"))


class ServiceSettings(Settings):
    """The settings of `grader serve`, from arguments or `GRADER_…` environment variables.

    Attributes:
        host: the address to listen on; any but a loopback address needs keys.
        port: the port to listen on; 0 takes a free one.
        data_dir: where the SQLite file is kept.
        database_url: another database, as `postgresql://user:password@host/name` or `sqlite:///file`.
        max_body_bytes: the largest request body, after inflation.
        max_json_depth: how deep a body's objects and arrays may be nested.
        max_client_batch_size: the most answers in one call.
        max_upload_bytes: the largest table of a batch, as it comes.
        max_batch_rows: the most rows of a batch.
        batch_stripes: into how many parts a batch is divided, for several processes to share.
        replica_timeout_s: after how many seconds of silence others go on with the batches of a process.
        webhooks_to_private: whether webhooks may go to this machine, or its network.
        max_regrade: the most stored answers that one call grades again.
        queue_size: the most answers that wait to be graded.
        max_queue_wait_s: the longest time, in seconds, that an answer may be expected to wait for those before it.
        batch_size: the most answers that are encoded together.
        batch_wait_ms: how long an answer waits for others to share its batch, in milliseconds.
        request_timeout_s: the longest time that a request may take, in seconds.
        client_timeout_s: the longest time that a client may take to send its headers, or its body, in seconds.
        rate_per_minute: the most requests of one key in a minute.
        shutdown_s: the longest time that requests in flight are waited for when the service stops, in seconds.
        allowed_hosts: names, beside this machine's own and `host`, under which MCP clients reach the service.
        allowed_origins: web pages (as `https://name`, `http://localhost:*`) that may use MCP.
        retention_days: how long grades are kept; None keeps them.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    data_dir: Path = Field(default_factory=_default_data)
    database_url: str | None = None
    max_body_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)
    max_json_depth: int = Field(default=32, ge=4, le=128)
    max_client_batch_size: int = Field(default=32, ge=1, le=1024)
    max_upload_bytes: int = Field(default=1024**3, ge=1024)
    max_batch_rows: int = Field(default=1_000_000, ge=1)
    batch_stripes: int = Field(default=4, ge=1, le=64)
    replica_timeout_s: float = Field(default=10.0, ge=0.5)
    webhooks_to_private: bool = False
    max_regrade: int = Field(default=500, ge=1, le=10_000)
    queue_size: int = Field(default=256, ge=1)
    max_queue_wait_s: float = Field(default=1.0, gt=0)
    batch_size: int = Field(default=64, ge=1)
    batch_wait_ms: float = Field(default=2.0, ge=0, le=1000)
    request_timeout_s: float = Field(default=30.0, gt=0)
    client_timeout_s: float = Field(default=15.0, gt=0)
    rate_per_minute: int = Field(default=60_000, ge=1)
    shutdown_s: float = Field(default=7.0, gt=0)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    retention_days: int | None = Field(default=None, ge=1)

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split_names(cls, names: object) -> object:
        return tuple(name.strip() for name in names.split(",") if name.strip()) if isinstance(names, str) else names

    @property
    def database(self) -> str:
        """The address of the database; by default a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'grader.db'}"
