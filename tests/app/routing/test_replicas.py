"""Breakers of replicas that share a real Redis, also while it is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from app.routing.breaker import MemoryBreakers
from app.routing.circuit_store import CircuitStore, connect
from app.routing.config import Breaker
from app.routing.replicas import ReplicaBreakers
from tests.cable import cable
from tests.caches import Clock
from tests.fakes import FakeLog
from tests.redis_server import redis_address, redis_prefix

COUNT = Breaker(failure_threshold=3, cooldown_s=30.0)
SHARE = Breaker(failure_percentage=50.0, minimum_requests=4, cooldown_s=30.0)


class Replica:
    """One, with a clock of its own that no other agrees with."""

    def __init__(self, client: Redis, prefix: str, now_s: float) -> None:
        self.clock, self.log = Clock(now_s), FakeLog()
        self.breakers = ReplicaBreakers(
            MemoryBreakers(self.clock), CircuitStore(client, prefix=prefix), self.clock, self.log
        )

    async def tries(self, *failed: bool, breaker: Breaker = COUNT) -> None:
        for one in failed:
            self.breakers.record("a", breaker, failed=one)
        await self.breakers.exchange()

    def is_open(self) -> bool:
        is_open = self.breakers.is_open("a")
        assert self.breakers.has_open() or not is_open
        return is_open

    @property
    def events(self) -> list[str]:
        return [event for _, event, _ in self.log.lines]


@pytest.fixture
async def two() -> AsyncIterator[tuple[Replica, Replica]]:
    async with redis_prefix() as (client, prefix):
        yield Replica(client, prefix, 1_000.0), Replica(client, prefix, 77.0)


async def test_the_failures_of_all_replicas_open_a_circuit_in_all(two: tuple[Replica, Replica]) -> None:
    one, other = two
    await one.tries(True, True)
    assert not one.is_open()
    await other.tries(True)
    assert other.is_open()
    await one.breakers.exchange()
    assert one.is_open()
    assert [(each.breakers.open_count(), each.breakers.opened_total) for each in two] == [(1, 0), (1, 0)]
    assert not one.breakers.is_open("b")
    for replica in two:
        replica.clock.now_s += 30.1
        assert not replica.is_open()


async def test_a_new_replica_knows_what_is_open_before_it_tried(two: tuple[Replica, Replica]) -> None:
    one, new = two
    await one.tries(True, True, True)
    await new.breakers.exchange()
    assert new.is_open()


async def test_what_comes_back_while_a_circuit_is_open_elsewhere_is_not_counted(
    two: tuple[Replica, Replica],
) -> None:
    one, other = two
    await one.tries(True, True, True)
    await other.breakers.exchange()
    other.clock.now_s += 20
    assert not other.breakers.record("a", COUNT, failed=True)
    other.clock.now_s += 10.1
    assert [other.breakers.record("a", COUNT, failed=True) for _ in range(3)] == [False, False, True]


async def test_one_that_sees_nothing_but_failures_opens_its_own(two: tuple[Replica, Replica]) -> None:
    one, other = two
    await one.tries(*(False,) * 40, breaker=SHARE)
    await other.tries(*(True,) * 4, breaker=SHARE)
    assert other.is_open()
    await one.breakers.exchange()
    assert not one.is_open()


async def test_redis_stopping_in_the_middle_leaves_each_with_its_own_and_coming_back_joins_them() -> None:
    async with redis_prefix() as (client, prefix):
        with cable(*redis_address()) as laid:
            far = connect(f"redis://127.0.0.1:{laid.port}")
            one, other = Replica(far, prefix, 1_000.0), Replica(client, prefix, 77.0)
            await one.tries(True)
            laid.cut()
            await one.tries(True)
            await one.tries()
            assert one.events == ["breakers_away"]
            assert not one.is_open()
            await one.tries(True)
            assert one.is_open()
            await other.breakers.exchange()
            assert not other.is_open()
            laid.mend()
            await one.tries(True)
            assert one.events == ["breakers_away", "breakers_back"]
            await other.tries(True)
            assert other.is_open()
            await far.aclose()


async def test_an_open_circuit_closes_in_its_time_although_redis_is_gone(
    two: tuple[Replica, Replica],
) -> None:
    one, other = two
    await one.tries(True, True, True)
    await other.breakers.exchange()
    other.breakers._shared = CircuitStore(connect("redis://127.0.0.1:1"))
    await other.breakers.exchange()
    assert other.is_open()
    other.clock.now_s += 30.1
    assert not other.is_open()
    await other.breakers._shared.close()


async def test_replicas_stay_in_touch_by_themselves() -> None:
    async with redis_prefix() as (client, prefix), contextlib.AsyncExitStack() as running:
        own = [Replica(connect_like(client), prefix, now_s) for now_s in (1_000.0, 77.0)]
        for one in own:
            await running.enter_async_context(one.breakers.following())
        for failed in (True, True, True):
            own[0].breakers.record("a", COUNT, failed=failed)
        async with asyncio.timeout(5):
            while not own[1].is_open():  # noqa: ASYNC110 (another task's doing)
                await asyncio.sleep(0.02)


async def test_a_bug_does_not_end_it(two: tuple[Replica, Replica]) -> None:
    one, _ = two
    told = asyncio.Event()

    async def broken() -> dict[str, float]:
        if told.is_set():
            return {}
        told.set()
        raise RuntimeError

    one.breakers._shared.opened = broken  # type: ignore[method-assign]  # a bug in it
    async with one.breakers.following(), asyncio.timeout(5):
        await told.wait()
        one.breakers.record("a", COUNT, failed=True)
        while one.breakers._waiting:  # noqa: ASYNC110 (another task's doing)
            await asyncio.sleep(0.01)
    assert one.events == ["breakers_crashed"]


def connect_like(client: Redis) -> Redis:
    """Return a client of its own, which its replica may close."""
    host, port = redis_address()
    options = client.connection_pool.connection_kwargs
    return connect(f"redis://{host}:{port}/{options.get('db', 0)}")
