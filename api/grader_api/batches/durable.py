"""Batches and revisions as durable workflows: what was begun goes on after a crash, here or in another process.

DBOS keeps them, and the queues in which they wait, in the service's own database. A process has one DBOS.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from typing import Protocol

from cachetools import LRUCache

from grader_api.settings import ServiceSettings

_NAME, _VERSION = "answer-grader", "1"  # the version changes when workflows of before cannot go on by the new code
_BATCHES, _STRIPES, _MESSAGES = "grader-batches", "grader-stripes", "grader-messages"
_REVISIONS = "grader-revisions"
_POLL_S = 0.2
_AT_WORK = 2  # stripes that a process works on: one is graded while the other is read or kept
_MESSAGES_AT_ONCE = 8
_REMEMBERED = 10_000  # workflows that were queued of late: to queue one again costs a look at the database
_one = threading.Lock()  # held by whoever has this process's DBOS


class Leave(BaseException):
    """This process ends: the workflow is left as it is, for another to go on with.

    It ends a thread as SystemExit does; any Exception DBOS would take for the workflow's outcome.
    """


class Work(Protocol):
    """The steps of a batch, and of a revision; each may be done again after a crash."""

    def read(self, batch_id: str) -> int:
        """Read its table; into how many portions it is divided."""
        ...

    def grade(self, batch_id: str, portion: int) -> bool:
        """Grade a portion; whether others are still wanted."""
        ...

    def finish(self, batch_id: str) -> None:
        """End it."""
        ...

    def tell(self, batch_id: str) -> None:
        """Tell that it has ended."""
        ...

    def revise(self, grade_id: str) -> None:
        """Revise a grade."""
        ...

    def tell_of_revision(self, grade_id: str) -> None:
        """Tell that it was revised."""
        ...


class Durable:
    """This process's share in the workflows of one database.

    Args:
        settings: of the service.
        address: the database's.
        replica: the name of this process.
        work: what is done.
    """

    def __init__(self, settings: ServiceSettings, address: str, replica: str, work: Work) -> None:
        self._address, self._replica, self._work, self._stripes = address, replica, work, settings.batch_stripes
        self._revisions = settings.judge_concurrency
        self._launched = False
        self._queued = LRUCache[str, bool](_REMEMBERED)

    def launch(self) -> bool:
        """Begin to work, unless it has begun; False where something else in this process has its DBOS."""
        if self._launched:
            return True
        if not _one.acquire(blocking=False):
            return False
        from dbos import DBOS  # noqa: PLC0415 (takes a second, and most processes never see a batch)

        _quiet()
        DBOS(
            config={
                "name": _NAME,
                "system_database_url": self._address,
                "sys_db_pool_size": 8,
                "application_version": _VERSION,
                "executor_id": self._replica,
                "log_level": "WARNING",
                "enable_otlp": False,
            }
        )
        self._register()
        DBOS.launch()
        queues = {_BATCHES: None, _STRIPES: _AT_WORK, _MESSAGES: _MESSAGES_AT_ONCE, _REVISIONS: self._revisions}
        for name, at_once in queues.items():
            DBOS.register_queue(
                name, worker_concurrency=at_once, polling_interval_sec=_POLL_S, on_conflict="always_update"
            )
        self._launched = True
        return True

    def close(self) -> None:
        """Work no more; what was begun is left to others. Those who work have been told to leave before."""
        if self._launched:
            from dbos import DBOS  # noqa: PLC0415 (as above)

            DBOS.destroy(destroy_registry=True)
            self._launched = False
            _one.release()

    def begin(self, batch_id: str) -> None:
        """Have a batch read and graded, here or elsewhere; once, however often it is asked for."""
        self._queue(_BATCHES, self._begin, batch_id, batch_id)

    def finish(self, batch_id: str) -> None:
        """Have a batch ended, in the same way."""
        self._queue(_BATCHES, self._finish, f"{batch_id}.finish", batch_id)

    def tell(self, batch_id: str) -> None:
        """Have the end of a batch told, in the same way."""
        self._queue(_MESSAGES, self._tell, f"{batch_id}.tell", batch_id)

    def revise(self, grade_id: str) -> None:
        """Have a grade revised, in the same way."""
        self._queue(_REVISIONS, self._revise, f"{grade_id}.revise", grade_id)

    def tell_of_revision(self, grade_id: str) -> None:
        """Have a revision told of, in the same way."""
        self._queue(_MESSAGES, self._tell_of_revision, f"{grade_id}.tell", grade_id)

    def take_over(self, alive: Callable[[], Collection[str]]) -> None:
        """Have others go on with what was begun by processes that are not alive any more.

        `alive` is asked after what was begun is listed: whoever began it has said before that it lives.
        """
        from dbos import DBOS  # noqa: PLC0415 (as above)

        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        living = alive()
        for one in begun:
            if one.executor_id not in living:
                DBOS.resume_workflow(one.workflow_id, queue_name=one.queue_name)

    def _queue(self, queue: str, workflow: Callable[[str], None], workflow_id: str, subject: str) -> None:
        from dbos import DBOS, SetWorkflowID  # noqa: PLC0415 (as above)

        if workflow_id not in self._queued:
            with SetWorkflowID(workflow_id):
                DBOS.enqueue_workflow(queue, workflow, subject)
            self._queued[workflow_id] = True

    def _register(self) -> None:
        """Tell DBOS the workflows. A step's result is kept: after a crash those before it are not done again."""
        from dbos import DBOS  # noqa: PLC0415 (as above)

        work, stripes = self._work, self._stripes

        @DBOS.workflow(name="grade_stripe", max_recovery_attempts=None)
        def grade_stripe(batch_id: str, first: int, portions: int, step: int) -> None:
            for portion in range(first, portions, step):
                if not DBOS.run_step({"name": "grade_portion"}, work.grade, batch_id, portion):
                    return

        @DBOS.workflow(name="begin_batch", max_recovery_attempts=None)
        def begin_batch(batch_id: str) -> None:
            portions = DBOS.run_step({"name": "read_table"}, work.read, batch_id)
            step = min(stripes, portions)
            for first in range(step):
                DBOS.enqueue_workflow(_STRIPES, grade_stripe, batch_id, first, portions, step)

        @DBOS.workflow(name="finish_batch", max_recovery_attempts=None)
        def finish_batch(batch_id: str) -> None:
            DBOS.run_step({"name": "finish_batch"}, work.finish, batch_id)

        @DBOS.workflow(name="tell_of_batch", max_recovery_attempts=None)
        def tell_of_batch(batch_id: str) -> None:
            DBOS.run_step({"name": "tell_of_batch"}, work.tell, batch_id)

        @DBOS.workflow(name="revise_grade", max_recovery_attempts=None)
        def revise_grade(grade_id: str) -> None:
            DBOS.run_step({"name": "revise_grade"}, work.revise, grade_id)

        @DBOS.workflow(name="tell_of_revision", max_recovery_attempts=None)
        def tell_of_revision(grade_id: str) -> None:
            DBOS.run_step({"name": "tell_of_revision"}, work.tell_of_revision, grade_id)

        self._begin, self._finish, self._tell = begin_batch, finish_batch, tell_of_batch
        self._revise, self._tell_of_revision = revise_grade, tell_of_revision


def _quiet() -> None:
    """Have DBOS log as the service does, and not by a handler of its own."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
