"""The service's language model, asked by many threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from chat_endpoint import ChatEndpoint, believer, serving
from fakes import DROPOUT
from grader_api.errors import Stopping
from grader_api.judging import Judging

from grader.grade import RemoteOutcome
from grader.llm.endpoint import Endpoint
from grader.llm.judge import ChatJudge
from grader.llm.opinion import Case, RemoteOpinion
from grader.llm.tally import Counting
from grader.text.reading import read


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    with serving(ChatEndpoint(believer)) as served:
        yield served


@pytest.fixture
def counting() -> Counting:
    return Counting(None)


@pytest.fixture
def judging(endpoint: ChatEndpoint, counting: Counting) -> Iterator[Judging]:
    judging = Judging(ChatJudge(Endpoint(endpoint.base_url, "m", concurrency=4)), "always", counting)
    judging.start()
    yield judging
    judging.close()


def case(number: int) -> Case:
    return Case(DROPOUT, read(f"Random neurons rest, {number}."))


def test_many_threads_ask_at_once(judging: Judging, endpoint: ChatEndpoint, counting: Counting) -> None:
    with ThreadPoolExecutor(16) as pool:
        heard = list(pool.map(lambda number: judging.submit(case(number)).result(30), range(100)))
    assert all(isinstance(one, RemoteOpinion) for one in heard)
    assert (len(endpoint.asked), counting.tally().outcomes) == (100, {RemoteOutcome.JUDGED.value: 100})
    assert endpoint.most_at_once <= 4


def test_closed_it_breaks_off_what_is_asked(judging: Judging, endpoint: ChatEndpoint) -> None:
    endpoint.open.clear()
    asked = [judging.submit(case(number)) for number in range(10)]
    while not endpoint.asked:
        time.sleep(0.01)
    judging.close()
    endpoint.open.set()
    for future in asked:
        with pytest.raises(Stopping):
            future.result(10)
    with pytest.raises(Stopping):
        judging.submit(case(0))


def test_who_gives_up_waiting_has_it_broken_off(judging: Judging, endpoint: ChatEndpoint, counting: Counting) -> None:
    endpoint.open.clear()
    given_up = judging.submit(case(0))
    while not endpoint.asked:
        time.sleep(0.01)
    assert given_up.cancel()
    endpoint.open.set()
    assert isinstance(judging.submit(case(1)).result(30), RemoteOpinion)
    assert counting.tally().asked == 1
