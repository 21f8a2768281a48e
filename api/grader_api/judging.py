"""The service's language model: asked by any thread, in an event loop of its own."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING

from anyio import CancelScope
from anyio.from_thread import BlockingPortal, start_blocking_portal

from grader.errors import RemoteJudgeError
from grader.grade import RemoteOutcome
from grader.llm.opinion import Case, Heard, Unscored
from grader.llm.tally import Counts
from grader.scoring.remote import Mode
from grader_api.errors import Stopping

if TYPE_CHECKING:  # its libraries are an extra
    from grader.llm.judge import Ask, ChatJudge

_STOPPING = "the service is stopping"
_log = logging.getLogger("grader_api.judging")


class Judging:
    """Asks a language model about one answer at a time, many at the same time. Safe for several threads.

    Args:
        judge: the language model.
        mode: which answers it is asked about.
        counts: is told what that comes to.
    """

    def __init__(self, judge: ChatJudge, mode: Mode, counts: Counts) -> None:
        self._judge, self.mode, self._counts = judge, mode, counts
        self._open = ExitStack()
        self._portal: BlockingPortal | None = None
        self._ask: Ask | None = None
        self._asked = set[CancelScope]()  # touched in the event loop alone
        self._closed = False  # likewise

    @property
    def identity(self) -> str:
        """The language model's name in receipts."""
        return self._judge.identity

    def start(self) -> None:
        """Start the event loop, in a thread of its own."""
        portal = self._open.enter_context(start_blocking_portal(name="judge"))
        self._ask = self._open.enter_context(portal.wrap_async_context_manager(self._judge.open(self._counts)))
        self._portal = portal

    def submit(self, case: Case) -> Future[Heard]:
        """What the language model says, soon. The future fails with `Stopping` when this closes before.

        Raises:
            Stopping: it is closed.
        """
        portal = self._portal
        if portal is None:
            raise Stopping(_STOPPING)
        try:
            return portal.start_task_soon(self._heard, case)
        except RuntimeError as error:  # closed since
            raise Stopping(_STOPPING) from error

    def close(self) -> None:
        """Break off what is asked, and end the event loop."""
        portal, self._portal = self._portal, None
        if portal is not None:
            portal.call(self._break_off)
        self._open.close()

    def _break_off(self) -> None:
        self._closed = True
        for scope in self._asked:
            scope.cancel()

    async def _heard(self, case: Case) -> Heard:
        if self._ask is None or self._closed:
            raise Stopping(_STOPPING)
        with CancelScope() as scope:
            self._asked.add(scope)
            try:
                return await self._ask(case)
            except RemoteJudgeError as error:
                _log.error("the language model cannot be asked", extra={"why": str(error)})
                return Unscored(RemoteOutcome.NOT_ASKED, "the language model cannot be asked as it is set up")
            finally:
                self._asked.discard(scope)
        raise Stopping(_STOPPING)
