"""A language model's replies, for a while and in memory alone: they quote answers, and those may be erased."""

from __future__ import annotations

from cachetools import TTLCache

_MOST = 10_000  # replies, of some kilobytes each
_LASTS_S = 3600.0  # an interview, in which each answer is read again at every turn


class RecentReplies:
    """Replies by the content of what was asked; `grader.llm.kept.Replies`. Used in one event loop."""

    def __init__(self) -> None:
        self._kept: TTLCache[str, str] = TTLCache(_MOST, _LASTS_S)

    def load(self, key: str) -> str | None:
        """The reply kept under a key, or None."""
        return self._kept.get(key)

    def save(self, key: str, reply: str) -> None:
        """Keep a reply for a while."""
        self._kept[key] = reply
