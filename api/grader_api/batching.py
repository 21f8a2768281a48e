"""Batches out of concurrent requests: a bounded queue, and one thread that works through it.

What is done in the thread is done by no other, so it may use what is not safe for several threads.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from grader_api.errors import QueueFull, Stopping

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_SHARE = 0.5  # of the longest wait, the most that one batch may take of it
_SMOOTHING = 0.2  # the weight of the newest batch in the moving rate
_QUIET_S = 0.1  # how long nothing has come before spare items are worked on: who waits for each reply asks again sooner
_STARVED_S = 1.0  # after so long spare items get their turn, whatever comes
_NEAR_S = 30.0  # who has asked within this time may ask again at any moment
_SLICE_S = 0.01  # what a batch of spare items may then take, as who comes meanwhile waits for it: mostly one item
_LONE_SLICE_S = 0.1  # the same while nobody is near
_REST = 1.0  # how long spare items then rest, as a share of their last batch: so fewer meet one at work


@dataclass(slots=True)
class _Waiting(Generic[ItemT, ResultT]):
    item: ItemT
    future: Future[ResultT] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


class Batcher(Generic[ItemT, ResultT]):
    """Collects items and works on them in batches, in the order they came, in one thread of its own.

    Args:
        name: the thread's name.
        work: items to results, one for each, in order.
        most: the most items of a batch.
        wait_s: how long the oldest item waits for others before a batch starts that is not full.
        bound: the most items that wait.
        patience_s: the longest time that an item may be expected to wait for those before it; None sets no bound.
        load: how much work an item is; the expected wait goes by it.
        observe: told of every batch: its size and its seconds.

    The expected wait is the load that waits and is worked on, by the moving rate at which loads were done. What comes
    when nothing waits is always taken. Batches are so small that one is expected to take half of `patience_s` at most:
    the first of a batch waits for the last of it.

    Spare items wait until nothing else has come for a moment, and are worked on in small batches, so that whoever waits
    for a reply hardly waits for them; when much comes, they get a turn once a second.

    An item over which `work` raises fails alone: its batch is then worked through one by one.
    """

    def __init__(  # noqa: PLR0913 (settings, each by its name)
        self,
        name: str,
        work: Callable[[Sequence[ItemT]], Sequence[ResultT]],
        *,
        most: int,
        bound: int,
        wait_s: float = 0.0,
        patience_s: float | None = None,
        load: Callable[[ItemT], int] = lambda _item: 1,
        observe: Callable[[int, float], None] = lambda _size, _seconds: None,
    ) -> None:
        self._work, self._most, self._bound, self._wait_s, self._observe = work, most, bound, wait_s, observe
        self._patience_s, self._load = patience_s, load
        self._queue: deque[_Waiting[ItemT, ResultT]] = deque()
        self._spare: deque[_Waiting[ItemT, ResultT]] = deque()
        self._came, self._spared = -math.inf, time.monotonic()  # when items were last at work, and spare ones
        self._rested = 0.0  # until when spare items rest
        self._spare_rate = 0.0  # load a second; 0 until a batch was done
        self._changed = threading.Condition()
        self._closed = self._spare_closed = False
        self._ahead = 0  # the load that waits
        self._busy, self._busy_since = 0, 0.0  # the load that is worked on, and since when
        self._rate = 0.0  # load a second; 0 until a batch was done
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self, timeout_s: float | None = None) -> None:
        """Take no more, finish what waits, cancel what is spare, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.close_spare()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def close_spare(self) -> None:
        """Take no more spare items, and cancel those that wait."""
        with self._changed:
            self._spare_closed = True
            left, self._spare = self._spare, deque()
        for one in left:
            one.future.cancel()

    @property
    def depth(self) -> int:
        """How many items wait."""
        return len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether it takes work."""
        return self._thread.is_alive() and not self._closed

    def require_room(self) -> None:
        """See that one more item would be taken now.

        Raises:
            QueueFull: it would not.
        """
        with self._changed:
            self._refuse_beyond_bounds(1)

    def submit(self, items: Sequence[ItemT]) -> list[Future[ResultT]]:
        """Queue items, all or none; a future for each, in order. A future that is cancelled in time is not worked on.

        Raises:
            QueueFull: with them, more would wait than may, or they would wait for longer.
            Stopping: it has been closed.
        """
        waiting = [_Waiting[ItemT, ResultT](item) for item in items]
        with self._changed:
            if self._closed:
                raise Stopping("the service is stopping")
            self._refuse_beyond_bounds(len(waiting))
            self._queue.extend(waiting)
            self._ahead += sum(map(self._load, items))
            self._changed.notify_all()
        return [one.future for one in waiting]

    def submit_spare(self, items: Sequence[ItemT]) -> list[Future[ResultT]]:
        """Queue items that nobody waits for at the moment; a future for each, in order, cancelled when it closes.

        Raises:
            Stopping: it has been closed.
        """
        waiting = [_Waiting[ItemT, ResultT](item) for item in items]
        with self._changed:
            if self._spare_closed:
                raise Stopping("the service is stopping")
            self._spare.extend(waiting)
            self._changed.notify_all()
        return [one.future for one in waiting]

    def _refuse_beyond_bounds(self, more: int) -> None:
        wait = self._expected_wait()
        if len(self._queue) + more > self._bound:
            raise QueueFull(wait or 1.0)
        if self._patience_s is not None and self._queue and wait > self._patience_s:
            raise QueueFull(wait - self._patience_s)

    def _expected_wait(self) -> float:
        """How many seconds what comes now would wait; 0 while nothing is known."""
        if not self._rate:
            return 0.0
        busy = self._busy / self._rate - (time.monotonic() - self._busy_since)
        return self._ahead / self._rate + max(0.0, busy)

    def _run(self) -> None:
        while batch := self._next():
            running = [one for one in batch if one.future.set_running_or_notify_cancel()]
            if running:
                load = sum(self._load(one.item) for one in running)
                self._busy, self._busy_since = load, time.monotonic()
                self._finish(running)
                seconds = time.monotonic() - self._busy_since
                self._busy = 0
                self._rate = _smoothed(self._rate, load, seconds)
                self._came = time.monotonic()
                self._observe(len(running), seconds)

    def _await_items(self) -> None:
        """Wait until there are items or it is closed, and work on spare ones while it is their turn."""
        while not self._closed:
            left = self._spare_in()
            if left is not None and left <= 0:
                self._work_on_spare()
            elif self._queue:
                return
            else:
                self._changed.wait(left)

    def _spare_in(self) -> float | None:
        """In how many seconds it is the turn of spare items; None where there are none."""
        if not self._spare:
            return None
        now = time.monotonic()
        starved = self._spared + _STARVED_S - now
        if self._queue:
            return starved
        return min(starved, max(self._came + _QUIET_S, self._rested) - now)

    def _work_on_spare(self) -> None:
        """Work on some spare items, without the lock that is held here."""
        near = time.monotonic() - self._came < _NEAR_S
        most = int(self._spare_rate * (_SLICE_S if near else _LONE_SLICE_S))
        taken = [self._spare.popleft() for _ in range(max(1, min(self._most, len(self._spare), most)))]
        batch = [one for one in taken if one.future.set_running_or_notify_cancel()]
        self._changed.release()
        try:
            self._finish_spare(batch, near=near)
        finally:
            self._changed.acquire()

    def _finish_spare(self, batch: list[_Waiting[ItemT, ResultT]], *, near: bool) -> None:
        begin = time.monotonic()
        if batch:
            self._finish(batch)
        self._spared = time.monotonic()
        seconds = self._spared - begin
        self._rested = self._spared + _REST * seconds if near else 0.0
        if batch:
            self._spare_rate = _smoothed(self._spare_rate, sum(self._load(one.item) for one in batch), seconds)
            self._observe(len(batch), seconds)

    def _next(self) -> list[_Waiting[ItemT, ResultT]]:
        """The next batch; empty when closed and drained."""
        with self._changed:
            self._await_items()
            while self._queue and len(self._queue) < self._most and not self._closed:
                left = self._queue[0].since + self._wait_s - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            batch = [self._queue.popleft() for _ in range(self._together())]
            self._ahead -= sum(self._load(one.item) for one in batch)
            return batch

    def _together(self) -> int:
        """How many of those that wait make the next batch."""
        most = min(self._most, len(self._queue))
        if self._patience_s is None or not self._rate:
            return most
        loads = itertools.accumulate(self._load(one.item) for one in itertools.islice(self._queue, most))
        in_time = sum(load <= self._rate * self._patience_s * _SHARE for load in loads)
        return min(most, max(1, in_time))

    def _finish(self, batch: list[_Waiting[ItemT, ResultT]]) -> None:
        try:
            results = self._work([one.item for one in batch])
        except Exception as error:  # noqa: BLE001 (goes to the one who waits for the item)
            if len(batch) == 1:
                batch[0].future.set_exception(error)
            else:
                for one in batch:
                    self._finish([one])
            return
        for one, result in zip(batch, results, strict=True):
            one.future.set_result(result)


def _smoothed(rate: float, load: int, seconds: float) -> float:
    """A moving rate, in load a second, with one more batch."""
    newest = load / max(seconds, 1e-6)
    return newest if not rate else (1 - _SMOOTHING) * rate + _SMOOTHING * newest
