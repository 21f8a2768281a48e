"""Sees to it that batches and revisions go on: begins what is new, ends what is done, takes over what others left."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial

from grader_api.batches.durable import Durable
from grader_api.batches.plan import Webhook
from grader_api.batches.portions import SIZE, grade_portion
from grader_api.batches.reading import read_batch
from grader_api.batches.showing import show_batch
from grader_api.batches.steps import Steps
from grader_api.errors import StoreUnavailable, WebhookRefused, WebhookUndelivered
from grader_api.grading import show
from grader_api.revising import give_up, revise_grade
from grader_api.service import Service
from grader_api.store.batches import BatchRow, fail, find_batch, move, told, unfinished
from grader_api.store.grades import find_grade
from grader_api.store.replicas import alive, forget_gone, say_alive, say_gone
from grader_api.store.revisions import Awaited, find_awaited, list_awaited
from grader_api.store.revisions import told as told_of_revision
from grader_api.webhooks import Endpoint, Event, Patience, send

_EVERY_S = 0.5
_LEAVE_S = 5.0  # how long those at work may take to leave
_AT_ONCE = 500  # revisions that are looked at together
_DEFECT = '[{"path": "", "message": "something went wrong in the service; its log tells more", "line": null}]'
_log = logging.getLogger("grader_api.batches")


class Keeper:
    """Works on the batches and revisions of a service's database, beside all other processes that do.

    A thread of its own looks for those that have not ended. Only when there are some does it begin to work.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._replica = uuid.uuid4().hex
        self._durable = Durable(service.settings, service.database.address, self._replica, self)
        self._seen, self._timeout = 0.0, timedelta(seconds=service.settings.replica_timeout_s)
        self._steps, self._nudged = Steps(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def nudge(self) -> None:
        """Look now: there is something new."""
        self._nudged.set()

    def leave(self) -> None:
        """Begin to leave everything to others, while requests in flight still finish."""
        self._steps.stop()
        self._nudged.set()
        self._service.model.close_spare()

    def close(self) -> None:
        """Leave everything to others; the service's threads run still."""
        self.leave()
        if self._service.judging is not None:
            self._service.judging.close()
        self._thread.join()
        self._steps.left(_LEAVE_S)
        self._durable.close()
        try:
            with self._service.database.write() as connection:
                say_gone(connection, self._replica)
        except StoreUnavailable:
            _log.warning("the database does not answer; others take over in a while")

    def _run(self) -> None:
        while not self._steps.stopping:
            try:
                self._look()
            except StoreUnavailable:
                _log.warning("the database does not answer; batches and revisions wait")
            self._nudged.wait(_EVERY_S)
            self._nudged.clear()

    def _look(self) -> None:
        with self._service.database.read() as connection:
            batches, awaited = unfinished(connection), list_awaited(connection, limit=_AT_ONCE)
        if not (batches or awaited):
            return
        is_time = self._say_alive()  # before any work is taken: it would be taken over from a process that nobody knows
        if not self._durable.launch():
            return
        if is_time:
            self._durable.take_over(self._alive)
        for batch in batches:
            self._further(batch)
        for one in awaited:
            self._revise_or_tell(one)

    def _say_alive(self) -> bool:
        """Say so a few times within the time after which others would take over; whether this was such a time."""
        now = time.monotonic()
        if now - self._seen < self._timeout.total_seconds() / 4:
            return False
        with self._service.database.write() as connection:
            say_alive(connection, self._replica)
            forget_gone(connection, datetime.now(UTC) - 100 * self._timeout)
        self._seen = now
        return True

    def _alive(self) -> Collection[str]:
        with self._service.database.read() as connection:
            return alive(connection, self._timeout)

    def _further(self, batch: BatchRow) -> None:
        match batch.status:
            case "validating":
                self._durable.begin(batch.id)
            case "finalizing" | "cancelling":
                self._durable.finish(batch.id)
            case "completed" | "failed" | "cancelled":
                self._durable.tell(batch.id)

    def _revise_or_tell(self, awaited: Awaited) -> None:
        if awaited.revised:
            self._durable.tell_of_revision(awaited.grade_id)
        else:
            self._durable.revise(awaited.grade_id)

    def read(self, batch_id: str) -> int:
        """Read the table of a batch; how many portions it has."""

        def read() -> int:
            batch = self._batch(batch_id)
            if batch is not None and batch.status == "validating":
                read_batch(self._service.database, batch, self._service.settings.max_batch_rows, self._steps.check)
                batch = self._batch(batch_id)
            return -(-batch.total // SIZE) if batch is not None else 0

        return self._steps.surely(batch_id, read, instead=0, give_up=partial(self._fail, batch_id))

    def grade(self, batch_id: str, portion: int) -> bool:
        """Grade a portion; whether the batch goes on."""

        def grade() -> bool:
            batch = self._batch(batch_id)
            if batch is None or batch.status != "in_progress":
                return False
            grade_portion(self._service, batch, portion)
            return True

        goes_on = self._steps.surely(batch_id, grade, instead=False, give_up=partial(self._fail, batch_id))
        self.nudge()
        return goes_on

    def finish(self, batch_id: str) -> None:
        """End a batch whose rows are done, or that was cancelled."""

        def finish() -> None:
            with self._service.database.write() as connection:
                move(connection, batch_id, "completed", "finalizing")
                move(connection, batch_id, "cancelled", "cancelling")

        self._steps.surely(batch_id, finish, instead=None, give_up=partial(self._fail, batch_id))
        self.nudge()

    def tell(self, batch_id: str) -> None:
        """Send the webhook of a batch, until its receiver has taken it or there is no more hope."""

        def tell() -> None:
            batch = self._batch(batch_id)
            if batch is None or batch.webhook is None:
                return
            at = batch.finished_at or datetime.now(UTC)
            event = Event(batch.id, f"batch.{batch.status}", at, show_batch(batch).model_dump(mode="json"))
            self._send(batch.webhook, event)
            with self._service.database.write() as connection:
                told(connection, batch_id)

        self._steps.surely(batch_id, tell, instead=None, give_up=partial(self._fail, batch_id))

    def revise(self, grade_id: str) -> None:
        """Have a language model judge the answer of a grade."""
        service = self._service
        step, giving_up = partial(revise_grade, service, grade_id), partial(give_up, service, grade_id)
        self._steps.surely(grade_id, step, instead=None, give_up=giving_up)
        self.nudge()

    def tell_of_revision(self, grade_id: str) -> None:
        """Send the webhook of a revision, until its receiver has taken it or there is no more hope."""

        def tell() -> None:
            with self._service.database.read() as connection:
                awaited = find_awaited(connection, grade_id)
                kept = None if awaited is None else find_grade(connection, awaited.tenant, grade_id)
            if awaited is None or kept is None or kept.revision is None:
                return
            data = show(kept).model_dump(mode="json")
            if awaited.webhook is not None:
                self._send(awaited.webhook, Event(kept.revision.id, "grade.revised", kept.revision.created_at, data))
            self._told_of_revision(grade_id)

        self._steps.surely(grade_id, tell, instead=None, give_up=partial(self._told_of_revision, grade_id))

    def _told_of_revision(self, grade_id: str) -> None:
        with self._service.database.write() as connection:
            told_of_revision(connection, grade_id)

    def _send(self, webhook: str, event: Event) -> None:
        there, private = Webhook.model_validate_json(webhook), self._service.settings.webhooks_to_private
        patience = Patience(sleep=self._steps.sleep)
        try:
            send(Endpoint(there.url, there.secret), event, allow_private=private, patience=patience)
        except (WebhookRefused, WebhookUndelivered) as error:
            _log.warning("a webhook was not taken", extra={"webhook": event.id, "why": str(error)})

    def _batch(self, batch_id: str) -> BatchRow | None:
        with self._service.database.read() as connection:
            return find_batch(connection, batch_id)

    def _fail(self, batch_id: str) -> None:
        with self._service.database.write() as connection:
            fail(connection, batch_id, _DEFECT)
