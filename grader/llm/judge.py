"""A language model as judge: what was judged before from disk, the rest asked at once, as far as the budget goes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import anyio
import openai
from anyio.from_thread import start_blocking_portal

from grader.errors import RemoteJudgeError
from grader.grade import RemoteOutcome
from grader.llm.budget import Budget, Prices, Usage
from grader.llm.completion import Completion
from grader.llm.endpoint import Caller, Endpoint, NoReplyError, rate_limiter
from grader.llm.kept import Replies
from grader.llm.opinion import Case, Heard, RemoteOpinion, Unscored
from grader.llm.prompt import messages, prompt_version, reply_schema, rubric_json
from grader.llm.reply import read_reply
from grader.llm.tally import Counting, Counts, Tally

Ask: TypeAlias = Callable[[Case], Awaitable[Heard]]
"""Asks about one case; as often at the same time as one likes, in one event loop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What judging may cost: tokens, money, and the prices by which money is counted; None sets no limit.

    Raises:
        RemoteJudgeError: money is limited and there are no prices.
    """

    max_tokens: int | None = None
    max_cost: float | None = None
    prices: Prices | None = None

    def __post_init__(self) -> None:
        if self.max_cost is not None and self.prices is None:
            told = "set GRADER_JUDGE_PRICE_READ and GRADER_JUDGE_PRICE_WRITTEN, for a million tokens"
            raise RemoteJudgeError(f"GRADER_MAX_JUDGE_COST: no cost is known without prices: {told}")


class ChatJudge:
    """Asks a chat model on an OpenAI-compatible endpoint, one answer a call, without history.

    Args:
        endpoint: where and how.
        limits: what it may cost while this judge lives.
        kept: where replies are kept, between runs or for a while; None keeps none.

    Only whole replies that state an opinion are kept. Not safe for use by several threads at once, nor in several event
    loops at once.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits | None = None, kept: Replies | None = None) -> None:
        self._endpoint = endpoint
        limits = limits or Limits()
        self._prices = limits.prices
        self._budget = Budget(limits.max_tokens, limits.max_cost, limits.prices)
        self._kept = kept
        self._counting = Counting(limits.prices)
        self._caller = Caller(endpoint, rate_limiter(endpoint.per_minute))

    @property
    def identity(self) -> str:
        """The model's name at its endpoint, and the version of the prompt."""
        return f"{self._endpoint.model} prompt-{prompt_version()}"

    @property
    def prices(self) -> Prices | None:
        """What tokens cost; None where nobody said."""
        return self._prices

    def tally(self) -> Tally:
        """What asking came to since this judge was made."""
        return self._counting.tally()

    def opinions(self, cases: Sequence[Case]) -> list[Heard]:
        """An opinion on each case, in order, or why there is none; cases that are the same are asked once.

        Raises:
            RemoteJudgeError: the endpoint refuses the key or does not know the model.
        """
        keys = [self._key(case) for case in cases]
        by_key = dict(zip(keys, cases, strict=True))
        recalled = {key: self._recall(key, case) for key, case in by_key.items()}
        found: dict[str, Heard] = {key: heard for key, heard in recalled.items() if heard is not None}
        missing = {key: case for key, case in by_key.items() if key not in found}
        if missing:
            with start_blocking_portal() as portal:
                found |= portal.call(self._ask_all, missing)
        heard = [found[key] for key in keys]
        for key, one in zip(keys, heard, strict=True):
            self._counting.heard(_outcome(one), from_cache=key not in missing)
        return heard

    @asynccontextmanager
    async def open(self, counts: Counts | None = None) -> AsyncIterator[Ask]:
        """Connections that last, and what asks by them; `counts` is told what that comes to, instead of the tally.

        What asks raises:
            RemoteJudgeError: the endpoint refuses the key or does not know the model.
        """
        counting = counts or self._counting
        async with self._opened(counting) as ask_anew:

            async def ask(case: Case) -> Heard:
                key = self._key(case)
                recalled = self._recall(key, case)
                heard = await ask_anew(key, case) if recalled is None else recalled
                counting.heard(_outcome(heard), from_cache=recalled is not None)
                return heard

            yield ask

    def _key(self, case: Case) -> str:
        """The digest of all that a reply depends on but the markers."""
        asked = [self._endpoint.base_url, self.identity, rubric_json(case), case.reading.text]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

    def _recall(self, key: str, case: Case) -> RemoteOpinion | None:
        """The opinion that was kept; None where none was, or it cannot be read any more."""
        reply = None if self._kept is None else self._kept.load(key)
        heard = None if reply is None else read_reply(reply, case)
        return None if isinstance(heard, Unscored) else heard

    @asynccontextmanager
    async def _opened(self, counts: Counts) -> AsyncIterator[Callable[[str, Case], Awaitable[Heard]]]:
        """What asks without looking at what was kept, `concurrency` at a time."""
        free = anyio.CapacityLimiter(self._endpoint.concurrency)
        async with self._caller.client() as client:

            async def ask(key: str, case: Case) -> Heard:
                async with free:
                    return await self._ask(client, counts, key, case)

            yield ask

    async def _ask_all(self, cases: Mapping[str, Case]) -> dict[str, Heard]:
        """Every case asked, in order; the first that shows a wrong set-up ends it all."""
        found: dict[str, Heard] = {}
        wrong: list[RemoteJudgeError] = []

        async def note(ask: Callable[[str, Case], Awaitable[Heard]], key: str, case: Case) -> None:
            try:
                found[key] = await ask(key, case)
            except RemoteJudgeError as error:
                wrong.append(error)
                group.cancel_scope.cancel()

        async with self._opened(self._counting) as ask, anyio.create_task_group() as group:
            for key, case in cases.items():
                group.start_soon(partial(note, ask, key, case))
        if wrong:
            raise wrong[0]
        return found

    async def _ask(self, client: openai.AsyncOpenAI, counts: Counts, key: str, case: Case) -> Heard:
        asked, schema = messages(case), reply_schema(case)
        most = Usage(_bytes([*(one["content"] for one in asked), json.dumps(schema)]), self._endpoint.max_reply_tokens)
        if not self._budget.reserve(most):
            return Unscored(RemoteOutcome.OVER_BUDGET, "what may be spent on judging is spent")
        used, began = Usage(0, 0), time.perf_counter()
        try:
            completion = await self._caller.call(client, asked, schema)
            used = completion.used or most
        except NoReplyError as error:
            used = most if error.read else used
            return error.unscored
        finally:
            self._budget.settle(most, used)
            counts.called(used, time.perf_counter() - began)
        return self._heard(completion, key, case)

    def _heard(self, completion: Completion, key: str, case: Case) -> Heard:
        reply = completion.reply()
        if isinstance(reply, Unscored):
            return reply
        heard = read_reply(reply, case)
        if self._kept is not None and not isinstance(heard, Unscored):
            self._kept.save(key, reply)
        return heard


def _outcome(heard: Heard) -> RemoteOutcome:
    return heard.outcome if isinstance(heard, Unscored) else RemoteOutcome.JUDGED


def _bytes(texts: Iterable[str]) -> int:
    """The most tokens that texts can be: no token is shorter than a byte; markup of roles is below 64."""
    return 64 + sum(len(text.encode()) for text in texts)
