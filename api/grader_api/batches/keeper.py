"""Sees to it that every batch goes on: begins what is new, ends what is done, takes over what others left."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from grader_api.batches.durable import Durable, Leave
from grader_api.batches.plan import Webhook
from grader_api.batches.portions import SIZE, grade_portion
from grader_api.batches.reading import read_batch
from grader_api.batches.showing import show_batch
from grader_api.errors import Stopping, StoreUnavailable, WebhookRefused, WebhookUndelivered
from grader_api.service import Service
from grader_api.store.batches import BatchRow, fail, find_batch, move, told, unfinished
from grader_api.store.replicas import alive, forget_gone, say_alive, say_gone
from grader_api.webhooks import Endpoint, Event, Patience, send

T = TypeVar("T")

_EVERY_S = 0.5
_AGAIN_S = 0.5  # after the database did not answer
_LEAVE_S = 5.0  # how long those at work may take to leave
_DEFECT = '[{"path": "", "message": "something went wrong in the service; its log tells more", "line": null}]'
_log = logging.getLogger("grader_api.batches")


class Keeper:
    """Works on the batches of a service's database, beside all other processes that do.

    A thread of its own looks for batches that have not ended. Only when there are some does it begin to work.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._replica = uuid.uuid4().hex
        self._durable = Durable(service.settings, service.database.address, self._replica, self)
        self._seen, self._timeout = 0.0, timedelta(seconds=service.settings.replica_timeout_s)
        self._stopping, self._nudged = threading.Event(), threading.Event()
        self._working, self._changed = 0, threading.Condition()
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def nudge(self) -> None:
        """Look now: there is something new."""
        self._nudged.set()

    def close(self) -> None:
        """Leave everything to others; the service's threads run still."""
        self._stopping.set()
        self._nudged.set()
        self._service.model.close_spare()
        self._thread.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._working, _LEAVE_S)
        self._durable.close()
        try:
            with self._service.database.write() as connection:
                say_gone(connection, self._replica)
        except StoreUnavailable:
            _log.warning("the database does not answer; others take over in a while")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except StoreUnavailable:
                _log.warning("the database does not answer; batches wait")
            self._nudged.wait(_EVERY_S)
            self._nudged.clear()

    def _look(self) -> None:
        with self._service.database.read() as connection:
            batches = unfinished(connection)
        if not batches or not self._durable.launch():
            return
        self._say_alive()
        for batch in batches:
            self._further(batch)

    def _say_alive(self) -> None:
        """Say so a few times within the time after which others would take over, and do likewise."""
        now = time.monotonic()
        if now - self._seen < self._timeout.total_seconds() / 4:
            return
        with self._service.database.write() as connection:
            say_alive(connection, self._replica)
            forget_gone(connection, datetime.now(UTC) - 100 * self._timeout)
            others = alive(connection, self._timeout)
        self._seen = now
        self._durable.take_over(others)

    def _further(self, batch: BatchRow) -> None:
        match batch.status:
            case "validating":
                self._durable.begin(batch.id)
            case "finalizing" | "cancelling":
                self._durable.finish(batch.id)
            case "completed" | "failed" | "cancelled":
                self._durable.tell(batch.id)

    def read(self, batch_id: str) -> int:
        """Read the table of a batch; how many portions it has."""

        def read() -> int:
            batch = self._batch(batch_id)
            if batch is not None and batch.status == "validating":
                read_batch(self._service.database, batch, self._service.settings.max_batch_rows, self._check)
                batch = self._batch(batch_id)
            return -(-batch.total // SIZE) if batch is not None else 0

        return self._surely(batch_id, read, 0)

    def grade(self, batch_id: str, portion: int) -> bool:
        """Grade a portion; whether the batch goes on."""

        def grade() -> bool:
            batch = self._batch(batch_id)
            if batch is None or batch.status != "in_progress":
                return False
            grade_portion(self._service, batch, portion)
            return True

        goes_on = self._surely(batch_id, grade, instead=False)
        self.nudge()
        return goes_on

    def finish(self, batch_id: str) -> None:
        """End a batch whose rows are done, or that was cancelled."""

        def finish() -> None:
            with self._service.database.write() as connection:
                move(connection, batch_id, "completed", "finalizing")
                move(connection, batch_id, "cancelled", "cancelling")

        self._surely(batch_id, finish, None)
        self.nudge()

    def tell(self, batch_id: str) -> None:
        """Send the webhook of a batch, until its receiver has taken it or there is no more hope."""

        def tell() -> None:
            batch = self._batch(batch_id)
            if batch is None or batch.webhook is None:
                return
            self._send(batch, Webhook.model_validate_json(batch.webhook))
            with self._service.database.write() as connection:
                told(connection, batch_id)

        self._surely(batch_id, tell, None)

    def _send(self, batch: BatchRow, webhook: Webhook) -> None:
        at = batch.finished_at or datetime.now(UTC)
        event = Event(batch.id, f"batch.{batch.status}", at, show_batch(batch).model_dump(mode="json"))
        private = self._service.settings.webhooks_to_private
        try:
            send(
                Endpoint(webhook.url, webhook.secret),
                event,
                allow_private=private,
                patience=Patience(sleep=self._sleep),
            )
        except (WebhookRefused, WebhookUndelivered) as error:
            _log.warning("a webhook was not taken", extra={"batch": batch.id, "why": str(error)})

    def _batch(self, batch_id: str) -> BatchRow | None:
        with self._service.database.read() as connection:
            return find_batch(connection, batch_id)

    def _surely(self, batch_id: str, step: Callable[[], T], instead: T) -> T:
        """What a step returns, done again until the database answers; a defect ends the batch.

        Raises:
            Leave: this process ends.
        """
        with self._changed:
            self._working += 1
        try:
            return self._repeat(batch_id, step, instead)
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    def _repeat(self, batch_id: str, step: Callable[[], T], instead: T) -> T:
        defect = False
        while True:
            self._check()
            try:
                if not defect:
                    return step()
                with self._service.database.write() as connection:
                    fail(connection, batch_id, _DEFECT)
            except Stopping as error:
                raise Leave from error
            except StoreUnavailable:
                self._sleep(_AGAIN_S)
            except Exception:
                # the log says where, the batch says that it was so; tried again it would come to the same
                _log.exception("defect", extra={"batch": batch_id})
                if defect:
                    raise
                defect = True
            else:
                return instead

    def _sleep(self, seconds: float) -> None:
        self._stopping.wait(seconds)
        self._check()

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Leave
