"""Exchanges that ask the same at the same time: one provider is asked, and nobody inherits a failure."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from app.cache.cache import Cache
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.caching import Caches
from app.domain.errors import UpstreamUnreachable
from app.domain.events import Blocked, Event, Failed, ProviderEvent
from app.domain.exchange import Attempt
from app.domain.model_request import ModelRequest
from app.routing.wish import Wish
from tests.caches import SECRET, Clock
from tests.fakes import FakeProvider, answer_of
from tests.gateways import until
from tests.pipelines import ADDED, Bench, body, stream_and_whole, text_of

WISH = Wish(config=json.dumps({"provider": "@fake", "cache": {"mode": "simple"}}))


class Scripted(FakeProvider):
    """Takes another script for each call, the last one again and again; calls go on when they are let."""

    def __init__(self, *scripts: list[Any]) -> None:
        super().__init__()
        self.scripts = [*scripts]
        self.let = asyncio.Event()

    async def ask(self, request: ModelRequest, model: str, attempt: Attempt) -> AsyncGenerator[ProviderEvent]:
        self.script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        async with aclosing(super().ask(request, model, attempt)) as events:
            async for event in events:
                yield event
                await self.let.wait()


class Together(Bench):
    """A pipeline with a cache, and exchanges that run at the same time."""

    def __init__(self, provider: Scripted, **guardrails: dict[str, Any]) -> None:
        super().__init__(provider, **guardrails)
        clock = Clock()
        store = MemoryStore(max_bytes=100_000, max_entries=100, clock=clock)
        self.cache = Cache(keys=Keys(SECRET), store=store, now_s=clock)
        self.pipeline.caches = Caches(self.cache)
        self.calls = provider
        self.left = 0

    def begin(self, *, stream: bool, **fields: Any) -> "asyncio.Task[list[Event]]":
        return asyncio.get_running_loop().create_task(self._run(body(stream=stream), fields))

    async def waiting(self, number: int) -> None:
        """Wait until so many exchanges wait for the one that asks."""
        await until(lambda: sum(map(len, self.cache._flights._waiting.values())) == number)

    async def _run(self, sent: bytes, fields: dict[str, Any]) -> list[Event]:
        return await self.run(sent, wish=WISH, **fields)


@stream_and_whole
async def test_of_many_one_asks_and_all_have_the_answer(stream: bool) -> None:
    bench = Together(Scripted(answer_of("Hi", " there")))
    tasks = [bench.begin(stream=stream) for _ in range(5)]
    await bench.waiting(4)
    bench.calls.let.set()
    for events in await asyncio.gather(*tasks):
        assert text_of(events) == "Hi there"
    assert len(bench.calls.requests) == 1
    assert sorted(str(one.cache_status) for one in bench.records.taken) == ["hit"] * 4 + ["miss"]
    assert len(bench.cache._flights) == 0


async def test_a_stream_and_a_whole_answer_are_asked_for_once() -> None:
    bench = Together(Scripted(answer_of("Hi")))
    tasks = [bench.begin(stream=stream) for stream in (True, False)]
    await bench.waiting(1)
    bench.calls.let.set()
    assert [text_of(events) for events in await asyncio.gather(*tasks)] == ["Hi", "Hi"]
    assert len(bench.calls.requests) == 1


@stream_and_whole
async def test_who_fails_hands_over_and_fails_alone(stream: bool) -> None:
    bench = Together(Scripted([*answer_of("Hi")[:2], UpstreamUnreachable("no")], answer_of("there")))
    first, *others = [bench.begin(stream=stream) for _ in range(4)]
    await bench.waiting(3)
    bench.calls.let.set()
    assert isinstance((await first)[-1], Failed)
    assert [text_of(events) for events in await asyncio.gather(*others)] == ["there"] * 3
    assert len(bench.calls.requests) == 2


@stream_and_whole
async def test_who_leaves_hands_over(stream: bool) -> None:
    bench = Together(Scripted(answer_of("Hi")))
    first, *others = [bench.begin(stream=stream) for _ in range(4)]
    await bench.waiting(3)
    first.cancel()
    bench.calls.let.set()
    assert [text_of(events) for events in await asyncio.gather(*others)] == ["Hi"] * 3
    assert first.cancelled() or first.cancelling()
    assert len(bench.calls.requests) == 2


@stream_and_whole
async def test_who_waits_and_leaves_is_not_waited_for(stream: bool) -> None:
    bench = Together(Scripted(answer_of("Hi")))
    first, second, third = [bench.begin(stream=stream) for _ in range(3)]
    await bench.waiting(2)
    second.cancel()
    await bench.waiting(1)
    bench.calls.let.set()
    assert [text_of(events) for events in await asyncio.gather(first, third)] == ["Hi", "Hi"]
    assert len(bench.calls.requests) == 1


@stream_and_whole
async def test_an_answer_that_is_withheld_from_one_sends_all_others_off_at_once(stream: bool) -> None:
    bench = Together(Scripted(answer_of("it is forbidden")), added=ADDED)
    first = bench.begin(stream=stream, guardrails=("added",))
    await until(lambda: bench.calls.requests)
    others = [bench.begin(stream=stream) for _ in range(3)]
    await bench.waiting(3)
    bench.calls.let.set()
    assert isinstance((await first)[-1], Blocked)
    assert [text_of(events) for events in await asyncio.gather(*others)] == ["it is forbidden"] * 3
    assert len(bench.calls.requests) == 4


@pytest.mark.parametrize("timeout_ms", [20])
async def test_nobody_waits_longer_than_his_config_lets_a_provider_take(timeout_ms: int) -> None:
    bench = Together(Scripted(answer_of("Hi")))
    first = bench.begin(stream=False)
    await until(lambda: bench.calls.requests)
    config = {"provider": "@fake", "cache": {"mode": "simple"}, "request_timeout": timeout_ms}
    task = asyncio.get_running_loop().create_task(bench.run(body(), wish=Wish(config=json.dumps(config))))
    await until(lambda: len(bench.calls.requests) == 2)
    bench.calls.let.set()
    assert [text_of(events) for events in await asyncio.gather(first, task)] == ["Hi", "Hi"]
