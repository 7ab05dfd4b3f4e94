"""Circuits in a real Redis: they do what those in memory do, and nothing there tells a name."""

import asyncio
import secrets

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from app.routing.breaker import Away, MemoryBreakers
from app.routing.circuit_store import CircuitStore, breakers_of, connect
from app.routing.config import Breaker
from app.routing.replicas import ReplicaBreakers
from app.secret import Secret
from tests.caches import Clock
from tests.fakes import FakeLog
from tests.redis_server import redis_prefix, redis_url

COUNT = Breaker(failure_threshold=3, cooldown_s=30.0)
SHARE = Breaker(failure_percentage=50.0, minimum_requests=4, cooldown_s=45.0)
BOTH = Breaker(failure_threshold=4, failure_percentage=66.6, minimum_requests=2, cooldown_s=30.0)
EVENTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.booleans(), st.sampled_from([0.0, 1.0, 10.0, 29.5, 30.0, 31.0])),
    max_size=30,
)


async def agree(events: list[tuple[str, bool, float]], breakers: dict[str, Breaker]) -> None:
    clock = Clock()
    memory = MemoryBreakers(clock)
    async with redis_prefix() as (client, prefix):
        store = CircuitStore(client, prefix=prefix, now_ms=lambda: round(clock.now_s * 1000))
        for key, failed, pause_s in events:
            clock.now_s += pause_s
            opened = await store.opened()
            assert {one for one in "ab" if memory.is_open(one)} == {
                one for one in "ab" if store.name(one) in opened
            }
            memory.record(key, breakers[key], failed=failed)
            (seconds,) = await store.record([(key, breakers[key], failed)])
            assert memory.is_open(key) == (seconds is not None)


@settings(max_examples=60, deadline=None)
@example([("a", True, 0.0)] * 3 + [("a", True, 30.0)], COUNT, COUNT)
@given(EVENTS, st.sampled_from([COUNT, SHARE, BOTH]), st.sampled_from([COUNT, SHARE, BOTH]))
def test_they_do_what_those_in_memory_do(
    events: list[tuple[str, bool, float]], one: Breaker, other: Breaker
) -> None:
    asyncio.run(agree(events, {"a": one, "b": other}))


async def test_many_at_once_are_counted_in_their_order() -> None:
    async with redis_prefix() as (client, prefix):
        store = CircuitStore(client, prefix=prefix)
        said = await store.record([("a", COUNT, True)] * 3 + [("b", COUNT, False), ("a", COUNT, False)])
        assert said[:4] == [None, None, 30.0, None]
        assert said[4] == pytest.approx(30.0, abs=1)
        opened = await store.opened()
        assert opened == {store.name("a"): pytest.approx(30.0, abs=1)}
        assert await store.record([]) == []


async def test_what_is_there_tells_no_name_and_expires() -> None:
    key = 'team-a\n{"provider": "openai", "api_key": "sk-of-somebody"}\nconfig.targets[0]'
    async with redis_prefix() as (client, prefix):
        store = CircuitStore(client, prefix=prefix, secret=b"of-all-replicas")
        await store.record([(key, COUNT, True)] * 3 + [("other", SHARE, True)])
        names = [name async for name in client.scan_iter(match=f"{prefix}*")]
        assert len(names) == 3
        for name in names:
            assert 0 < await client.pttl(name) <= 45_000
            told = name.decode() + repr(await _value(client, name))
            assert not any(word in told for word in ("team-a", "openai", "sk-of", "targets", "other"))
        assert store.name(key) != CircuitStore(client, prefix=prefix, secret=b"of-others").name(key)
        assert store.name(key) != CircuitStore(client, prefix=prefix).name(key)


async def _value(client: Redis, name: bytes) -> object:
    if await client.type(name) == b"hash":
        return await client.hgetall(name)
    return await client.zrange(name, 0, -1)


async def test_a_redis_that_is_not_there_or_holds_something_else_is_away() -> None:
    gone = CircuitStore(connect("redis://127.0.0.1:1"))
    with pytest.raises(Away, match="ConnectionError"):
        await gone.opened()
    await gone.close()
    async with redis_prefix() as (client, prefix):
        await client.set(f"{prefix}open", "no set")
        with pytest.raises(Away, match="ResponseError"):
            await CircuitStore(client, prefix=prefix).record([("a", COUNT, True)])


async def test_a_redis_that_says_nothing_is_away() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = CircuitStore(connect(f"redis://127.0.0.1:{port}"), timeout_s=0.05)
        with pytest.raises(Away, match="TimeoutError"):
            await store.opened()
        await store.close()


async def test_breakers_are_shared_where_there_is_redis() -> None:
    assert isinstance(breakers_of(None, None, FakeLog()), MemoryBreakers)
    shared = breakers_of(Secret(redis_url()), Secret(secrets.token_hex(16)), FakeLog())
    assert isinstance(shared, ReplicaBreakers)
    async with redis_prefix(), shared.following():
        shared.record("a", Breaker(failure_threshold=1), failed=True)
        assert shared.is_open("a")
