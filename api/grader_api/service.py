"""What the routes share: settings, the database, the model's thread and the writer's."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from sqlalchemy import Connection

from grader.grading import Grader
from grader_api.batching import Batcher
from grader_api.judging import Judging
from grader_api.libraries import Libraries, Shelf
from grader_api.metrics import Metrics, make_metrics
from grader_api.model import Job, Result, load_of, model_work
from grader_api.settings import ServiceSettings
from grader_api.store.batches import forget_abandoned
from grader_api.store.database import Database
from grader_api.store.erasure import erase_older, erase_older_batches, forget_replies
from grader_api.store.grades import GradeRow, add_grades
from grader_api.store.replies import KEPT, Claim, Reply, record_reply
from grader_api.store.revisions import await_revisions

if TYPE_CHECKING:  # its libraries are an extra
    from grader.llm.judge import ChatJudge

P = ParamSpec("P")
T = TypeVar("T")

_WRITES_TOGETHER = 256
_DATABASE_THREADS = 16
_LAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Write:
    """Grades to keep, with the reply to record under the idempotency key of their request.

    `awaited` are the ids of those that will be revised, `webhook` is JSON: where to tell of it.
    """

    rows: tuple[GradeRow, ...]
    claim: Claim | None = None
    reply: Reply | None = None
    awaited: tuple[str, ...] = ()
    webhook: str | None = None


@dataclass(frozen=True)
class Service:
    """The parts of a running service. `model` and `writer` are threads of their own, which `start` starts.

    `judging` is the language model that is asked beside; None where none is. `leaving` is set when the process is to
    end: what could last is ended then.
    """

    settings: ServiceSettings
    database: Database
    grader: Grader
    libraries: Libraries
    model: Batcher[Job, Result]
    writer: Batcher[Write, None]
    metrics: Metrics
    judging: Judging | None = None
    leaving: threading.Event = field(default_factory=threading.Event)
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_DATABASE_THREADS))

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a query finds; it runs in a thread."""

        def run() -> T:
            with self.database.read() as connection:
                return query(connection, *args, **kwargs)

        return await anyio.to_thread.run_sync(run, limiter=self.threads)

    async def write(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a change returns; it runs in a thread, in a transaction of its own."""

        def run() -> T:
            with self.database.write() as connection:
                return change(connection, *args, **kwargs)

        return await anyio.to_thread.run_sync(run, limiter=self.threads)

    async def shelf(self, tenant: str) -> Shelf:
        """What a tenant may be graded by."""
        fresh = self.libraries.fresh(tenant)
        if fresh is not None:
            return fresh
        return await anyio.to_thread.run_sync(self.libraries.shelf, tenant, limiter=self.threads)

    def start(self) -> None:
        """Bring the tables to their newest form and start the threads."""
        self.database.migrate()
        self.model.start()
        self.writer.start()
        if self.judging is not None:
            self.judging.start()

    def stop(self) -> None:
        """Finish what waits, then close the database. Whoever waited has been waited for, or was sent away, before."""
        if self.judging is not None:
            self.judging.close()
        self.model.close(_LAST_S)
        self.writer.close(_LAST_S)
        self.database.close()

    def tidy(self) -> None:
        """Erase what is older than it may be."""
        now = datetime.now(UTC)
        with self.database.write() as connection:
            forget_replies(connection, now - KEPT)
            forget_abandoned(connection, now - KEPT)
            if self.settings.retention_days is not None:
                erase_older(connection, now - timedelta(days=self.settings.retention_days))
                erase_older_batches(connection, now - timedelta(days=self.settings.retention_days))


def make_service(settings: ServiceSettings, grader: Grader, judge: ChatJudge | None = None) -> Service:
    """The parts of a service, not yet running; `judge` is asked as the mode in the settings says."""
    database = Database(settings.database)
    metrics = make_metrics(lambda: model.depth, None if judge is None else judge.prices)
    mode = None if judge is None or settings.judge_mode == "off" else settings.judge_mode
    judging = None if judge is None or mode is None else Judging(judge, mode, metrics.judging)
    model = Batcher(
        "model",
        model_work(grader, mode),
        most=settings.batch_size,
        bound=settings.queue_size,
        wait_s=settings.batch_wait_ms / 1000,
        patience_s=settings.max_queue_wait_s,
        load=load_of,
        observe=metrics.batch,
    )
    writer = Batcher("writer", functools.partial(_keep, database), most=_WRITES_TOGETHER, bound=settings.queue_size * 4)
    return Service(settings, database, grader, Libraries(grader.library, database), model, writer, metrics, judging)


def _keep(database: Database, writes: Sequence[Write]) -> list[None]:
    """Keep what several requests made in one transaction, which costs the disk no more than one of them."""
    with database.write() as connection:
        for write in writes:
            if write.claim is not None and write.reply is not None:
                record_reply(connection, write.claim, write.reply)
        add_grades(connection, [row for write in writes for row in write.rows])
        for write in writes:
            await_revisions(connection, write.awaited, write.webhook)
    return [None] * len(writes)
