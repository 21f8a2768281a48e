"""The batcher: every item once, in order, in one thread; full queues refuse, and a poisonous item falls alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import pytest
from grader_api.batching import Batcher
from grader_api.errors import QueueFull, Stopping
from hypothesis import given
from hypothesis import strategies as st


class Doubling:
    """Doubles numbers, when it is let; refuses to double 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.threads = set[int]()
        self.let, self.entered = threading.Event(), threading.Event()
        self.let.set()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.entered.set()
        assert self.let.wait(10)
        self.batches.append(list(items))
        self.threads.add(threading.get_ident())
        if 13 in items:
            raise ValueError("13 brings no luck")
        return [item * 2 for item in items]


Make = Callable[..., Batcher[int, int]]


@pytest.fixture
def work() -> Doubling:
    return Doubling()


@pytest.fixture
def make(work: Doubling) -> Iterator[Make]:
    made: list[Batcher[int, int]] = []

    def make(**settings: float) -> Batcher[int, int]:
        batcher = Batcher("a test", work, **({"most": 4, "bound": 100} | settings))  # type: ignore[arg-type]
        batcher.start()
        made.append(batcher)
        return batcher

    yield make
    for batcher in made:
        batcher.close(10)


def hold(batcher: Batcher[int, int], work: Doubling) -> list[Future[int]]:
    """Have the thread busy with one item, so that what comes next waits."""
    work.let.clear()
    work.entered.clear()
    futures = batcher.submit([0])
    assert work.entered.wait(10)
    return futures


def test_what_waits_goes_together_up_to_the_most(make: Make, work: Doubling) -> None:
    batcher = make()
    held = hold(batcher, work)
    futures = [future for number in range(1, 7) for future in batcher.submit([number])]
    work.let.set()
    assert [future.result(10) for future in held + futures] == [0, 2, 4, 6, 8, 10, 12]
    assert work.batches == [[0], [1, 2, 3, 4], [5, 6]]
    assert len(work.threads) == 1


def test_an_item_waits_for_others_no_longer_than_told(make: Make, work: Doubling) -> None:
    assert make(wait_s=0.01).submit([1])[0].result(10) == 2
    patient = make(wait_s=60.0, most=2)
    (first,) = patient.submit([1])
    (second,) = patient.submit([2])  # full: goes at once
    assert (first.result(10), second.result(10)) == (2, 4)
    assert work.batches == [[1], [1, 2]]


def test_all_or_none_are_taken(make: Make, work: Doubling) -> None:
    batcher = make(bound=3)
    hold(batcher, work)
    batcher.submit([1, 2])
    with pytest.raises(QueueFull) as caught:
        batcher.submit([3, 4])
    assert caught.value.retry_after > 0
    assert batcher.depth == 2
    batcher.submit([3])
    work.let.set()


def test_no_item_waits_that_would_wait_for_too_long(make: Make, work: Doubling) -> None:
    batcher = make(patience_s=1e-12)
    hold(batcher, work)
    first = batcher.submit([1]) + batcher.submit([2])  # nothing is known yet of how long a batch takes
    work.let.set()
    assert [future.result(10) for future in first] == [2, 4]
    hold(batcher, work)
    second = batcher.submit([3])  # nothing else waits
    with pytest.raises(QueueFull) as caught:
        batcher.submit([4])
    assert caught.value.retry_after > 0
    work.let.set()
    assert second[0].result(10) == 6
    assert batcher.submit([5])[0].result(10) == 10


def test_a_batch_takes_no_more_than_its_share_of_the_longest_wait(make: Make, work: Doubling) -> None:
    batcher = make(patience_s=1e-12)
    assert batcher.submit([1])[0].result(10) == 2  # from here on it is known how long a batch takes
    hold(batcher, work)
    futures = batcher.submit([2, 3, 4])
    work.let.set()
    assert [future.result(10) for future in futures] == [4, 6, 8]
    assert work.batches == [[1], [0], [2], [3], [4]]


def test_the_expected_wait_goes_by_the_load_that_waits(work: Doubling) -> None:
    batcher: Batcher[int, int] = Batcher(
        "a test", work, most=4, bound=100, patience_s=1e-12, load=lambda number: 10**number
    )
    batcher.start()
    assert batcher.submit([1])[0].result(10) == 2
    waits = []
    for number in (1, 6):
        hold(batcher, work)
        (future,) = batcher.submit([number])
        with pytest.raises(QueueFull) as caught:
            batcher.submit([number])
        waits.append(caught.value.retry_after)
        work.let.set()
        assert future.result(10) == 2 * number
    batcher.close(10)
    assert waits[1] > waits[0]


def test_only_the_item_that_fails_fails(make: Make, work: Doubling) -> None:
    batcher = make()
    hold(batcher, work)
    good, bad, last = batcher.submit([1, 13, 3])
    work.let.set()
    assert (good.result(10), last.result(10)) == (2, 6)
    with pytest.raises(ValueError, match="no luck"):
        bad.result(10)


def test_what_is_cancelled_in_time_is_not_worked_on(make: Make, work: Doubling) -> None:
    batcher = make()
    hold(batcher, work)
    first, second = batcher.submit([1, 2])
    assert first.cancel()
    work.let.set()
    assert second.result(10) == 4
    assert work.batches == [[0], [2]]


def test_closing_finishes_what_waits_and_takes_no_more(make: Make, work: Doubling) -> None:
    batcher = make(wait_s=60.0)
    futures = batcher.submit([1, 2, 3])
    batcher.close(10)
    assert [future.result(0) for future in futures] == [2, 4, 6]
    assert not batcher.alive
    with pytest.raises(Stopping):
        batcher.submit([4])
    assert work.batches == [[1, 2, 3]]


@given(calls=st.lists(st.lists(st.integers(20, 99), min_size=1, max_size=5), max_size=12), most=st.integers(1, 7))
def test_every_item_has_its_own_result_whoever_sends_it(calls: list[list[int]], most: int) -> None:
    work = Doubling()
    batcher: Batcher[int, int] = Batcher("a test", work, most=most, bound=1000)
    batcher.start()
    results: dict[int, list[int]] = {}

    def send(place: int, items: list[int]) -> None:
        results[place] = [future.result(10) for future in batcher.submit(items)]

    threads = [threading.Thread(target=send, args=[place, items]) for place, items in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batcher.close(10)
    assert results == {place: [item * 2 for item in items] for place, items in enumerate(calls)}
    assert sorted(item for batch in work.batches for item in batch) == sorted(item for call in calls for item in call)
    assert all(len(batch) <= most for batch in work.batches)


def test_spare_items_wait_for_all_others(work: Doubling, make: Make) -> None:
    batcher = make()
    work.let.clear()
    first = batcher.submit([1])
    assert work.entered.wait(10)
    spare = batcher.submit_spare([2, 3])
    others = batcher.submit([4, 5])
    work.let.set()
    assert [future.result(10) for future in [*first, *others, *spare]] == [2, 8, 10, 4, 6]
    assert work.batches[:2] == [[1], [4, 5]]


def test_spare_items_get_their_turn_whatever_comes(make: Make) -> None:
    batcher = make()
    spare = batcher.submit_spare([7])
    while not spare[0].done():
        assert batcher.submit([1, 2])[1].result(10) == 4
    assert spare[0].result() == 14


def test_spare_items_are_cancelled_when_there_is_no_time_for_them(work: Doubling, make: Make) -> None:
    batcher = make()
    work.let.clear()
    first = batcher.submit([1])
    assert work.entered.wait(10)
    spare = batcher.submit_spare([2])
    batcher.close_spare()
    work.let.set()
    assert first[0].result(10) == 2
    assert spare[0].cancelled()
    with pytest.raises(Stopping):
        batcher.submit_spare([3])
    assert batcher.submit([4])[0].result(10) == 8
