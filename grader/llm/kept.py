"""Replies on disk, by the content of what was asked: what was judged once is not paid for again.

One file an entry, written under another name and renamed, as encodings are kept: a reader sees a whole entry or none.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Protocol

_log = logging.getLogger(__name__)


class Replies(Protocol):
    """Where replies are kept; keys are hex digests."""

    def load(self, key: str, /) -> str | None:
        """The reply kept under a key, or None."""
        ...

    def save(self, key: str, reply: str, /) -> None:
        """Keep a reply."""
        ...


class KeptReplies:
    """A folder of replies; keys are hex digests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> str | None:
        """The reply kept under a key, or None."""
        path = self._path(key)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("the kept reply %s is unreadable and is asked for again: %s", path, error)
            return None

    def save(self, key: str, reply: str) -> None:
        """Keep a reply. A folder that cannot be written is reported and costs only money."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("wb", dir=path.parent, suffix=".part", delete=False) as file:
                part = Path(file.name)
                file.write(reply.encode())
            try:
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("replies cannot be kept in %s: %s", self._folder, error)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
