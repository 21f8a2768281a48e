"""Server-sent events: something that is kept, each time it changes, until there is nothing to wait for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.5  # between two looks at what is listened to
_MARGIN_S = 2.0  # events end so long before the request would take too long; the listener comes again
_RETRY = "retry: 1000\n\n"


async def changes(
    look: Callable[[], Awaitable[T | None]],
    told: Callable[[T], str],
    ended: Callable[[T], bool],
    leaving: Callable[[], bool],
    request_timeout_s: float,
) -> AsyncIterator[str]:
    """Events of what `look` finds: now, and each time it is another, until it has ended or is gone.

    When the service is `leaving` they end too: the listener comes again, to the next process.
    """
    yield _RETRY
    until = time.monotonic() + max(1.0, request_timeout_s - _MARGIN_S)
    found, last = await look(), None
    while found is not None:
        if found != last:
            yield told(found)
        if ended(found) or leaving() or time.monotonic() > until:
            return
        await asyncio.sleep(_LOOK_S)
        last, found = found, await look()
