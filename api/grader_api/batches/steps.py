"""The steps of workflows: each done again until the database answers, and left when the process ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from grader_api.batches.durable import Leave
from grader_api.errors import Stopping, StoreUnavailable

T = TypeVar("T")

_AGAIN_S = 0.5  # after the database did not answer
_log = logging.getLogger("grader_api.batches")


class Steps:
    """Does steps, in the threads of those that call; `stop` has them all leave. Safe for several threads."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._working, self._changed = 0, threading.Condition()

    @property
    def stopping(self) -> bool:
        """Whether the steps are to leave."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Have them leave."""
        self._stopping.set()

    def left(self, within_s: float) -> bool:
        """Wait until they have; False where some have not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._working, within_s)

    def surely(self, subject: str, step: Callable[[], T], *, instead: T, give_up: Callable[[], None]) -> T:
        """What a step returns, done again until the database answers; after a defect, `instead` of it.

        Args:
            subject: whose step it is, for the log.
            step: what is done.
            instead: what is returned after a defect.
            give_up: done after a defect; it says so where people look.

        Raises:
            Leave: this process ends.
        """
        with self._changed:
            self._working += 1
        try:
            return self._repeat(subject, step, instead, give_up)
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    def _repeat(self, subject: str, step: Callable[[], T], instead: T, give_up: Callable[[], None]) -> T:
        defect = False
        while True:
            self.check()
            try:
                if not defect:
                    return step()
                give_up()
            except Stopping as error:
                raise Leave from error
            except StoreUnavailable:
                self.sleep(_AGAIN_S)
            except Exception:
                # the log says where, the subject says that it was so; tried again it would come to the same
                _log.exception("defect", extra={"subject": subject})
                if defect:
                    raise
                defect = True
            else:
                return instead

    def sleep(self, seconds: float) -> None:
        """Wait, unless this process ends.

        Raises:
            Leave: it does.
        """
        self._stopping.wait(seconds)
        self.check()

    def check(self) -> None:
        """See that this process goes on.

        Raises:
            Leave: it does not.
        """
        if self._stopping.is_set():
            raise Leave
