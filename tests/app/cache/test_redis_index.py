"""Vectors that replicas share, in a real Redis: two indexes, each with a link of its own."""

import math
import time
from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from app.cache.memory_index import MemoryIndex
from app.cache.ports import Place
from app.cache.redis_index import RedisIndex
from app.cache.redis_link import RedisLink, connect
from app.cache.sealing import Seal
from app.cache.vectors import Vector
from tests.caches import SECRET
from tests.fakes import FakeLog
from tests.redis_server import redis_prefix, redis_url


def place(angle: float, group: str = "g") -> Place:
    return Place(group, Vector((math.cos(angle), math.sin(angle))))


class Setup:
    """A Redis and what is made for it."""

    def __init__(self, client: Redis, prefix: str) -> None:
        self.client, self.prefix = client, prefix
        self.noted: list[str] = []
        self.links: list[RedisLink] = []

    def index(self, secret: bytes = SECRET, *, max_entries: int = 100, max_in_group: int = 100) -> RedisIndex:
        """Return an index as one replica has it."""
        link = RedisLink(connect(redis_url()), clock=time.monotonic, log=FakeLog(), timeout_s=2.0)
        self.links.append(link)
        return RedisIndex(
            link,
            Seal(secret),
            max_entries=max_entries,
            max_in_group=max_in_group,
            prefix=self.prefix,
            noted=self.noted.append,
        )

    async def keys(self) -> list[bytes]:
        """Return all that lies there."""
        return sorted([key async for key in self.client.scan_iter(match=f"{self.prefix}*")])


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    async with redis_prefix() as (client, prefix):
        made = Setup(client, prefix)
        yield made
        for link in made.links:
            await link.close()


async def found(index: RedisIndex, at: Place, threshold: float = 0.99) -> str | None:
    near = await index.find(at, threshold)
    return None if near is None else near.name


async def test_replicas_share_vectors_and_one_that_starts_later_finds_them(setup: Setup) -> None:
    first, second = setup.index(), setup.index()
    assert await found(second, place(0.0)) is None
    await first.add(place(0.0), "zero", 60.0)
    assert await found(second, place(0.05)) == "zero"
    await second.add(place(1.0), "one", 60.0)
    assert await found(first, place(1.05)) == "one"
    assert await found(setup.index(), place(0.05)) == "zero"


async def test_it_finds_what_vectors_in_memory_would(setup: Setup) -> None:
    shared, memory = setup.index(), MemoryIndex(clock=time.monotonic)
    for number in range(70):
        at = place(number / 10, f"g{number // 66}")
        await shared.add(at, str(number), 60.0)
        await memory.add(at, str(number), 60.0)
    for index in (shared, setup.index()):
        for number in range(0, 70, 7):
            for threshold in (0.9, 0.999):
                near = place(number / 10 + 0.03, f"g{number % 2}")
                here, there = await memory.find(near, threshold), await index.find(near, threshold)
                assert (here and here.name) == (there and there.name)


async def test_a_group_that_has_not_changed_is_not_read_again(setup: Setup) -> None:
    index, other = setup.index(), setup.index()
    await other.add(place(0.0), "zero", 60.0)
    assert await found(index, place(0.0)) == "zero"
    await setup.client.delete(f"{setup.prefix}{{g}}:what", f"{setup.prefix}{{g}}:when")
    assert await found(index, place(0.0)) == "zero"
    await setup.client.delete(f"{setup.prefix}{{g}}:state")
    assert await found(index, place(0.0)) is None


async def test_what_lies_there_is_sealed_and_names_nobody(setup: Setup) -> None:
    index = setup.index()
    vector = place(0.3)
    await index.add(vector, "zero", 60.0)
    (sealed,) = (await setup.client.hgetall(f"{setup.prefix}{{g}}:what")).values()
    assert vector.vector.packed()[3:] not in sealed
    assert await found(setup.index(b"another secret of 16 bytes"), vector, -1.0) is None
    assert setup.noted == ["unreadable"]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (lambda sealed: {"other": sealed["zero"], "zero": sealed["other"]}, None),
        (lambda sealed: {"zero": sealed["zero"][:-1], "other": b""}, None),
        (lambda sealed: {"zero": sealed["zero"], "other": b"junk"}, "zero"),
    ],
    ids=["exchanged", "cut", "junk beside"],
)
async def test_a_vector_that_was_moved_or_changed_there_is_none(
    setup: Setup, what: Callable[[dict[str, bytes | str]], dict[str, bytes | str]], expected: str | None
) -> None:
    index = setup.index()
    for name, angle in (("zero", 0.0), ("other", 1.5)):
        await index.add(place(angle), name, 60.0)
    key = f"{setup.prefix}{{g}}:what"
    there = {name: await setup.client.hget(key, name) or b"" for name in ("zero", "other")}
    for name, sealed in what(there).items():
        await setup.client.hset(key, name, sealed)
    assert await found(setup.index(), place(0.0)) == expected


async def test_groups_are_never_compared_and_all_of_one_expires(setup: Setup) -> None:
    index = setup.index()
    await index.add(place(0.0), "zero", 30.0)
    await index.add(place(0.1), "later", 60.0)
    assert await found(index, place(0.0, "h"), -1.0) is None
    keys = await setup.keys()
    assert [key.rpartition(b":")[2] for key in keys] == [b"state", b"what", b"when"]
    for key in keys:
        assert 59_000 < await setup.client.pttl(key) <= 60_000


async def test_what_has_expired_goes_when_something_comes(setup: Setup) -> None:
    index = setup.index()
    await index.add(place(0.0), "zero", 60.0)
    await setup.client.zadd(f"{setup.prefix}{{g}}:when", {"zero": 1})
    await index.add(place(1.0), "one", 60.0)
    assert await setup.client.hkeys(f"{setup.prefix}{{g}}:what") == [b"one"]
    assert await found(index, place(0.0)) is None


async def test_a_group_is_bounded_and_what_would_end_first_goes_first(setup: Setup) -> None:
    index = setup.index(max_in_group=2)
    for name, angle, ttl_s in (("zero", 0.0, 60.0), ("one", 1.0, 30.0), ("two", 2.0, 45.0)):
        await index.add(place(angle), name, ttl_s)
    assert [await found(index, place(angle)) for angle in (0.0, 1.0, 2.0)] == ["zero", None, "two"]
    assert sorted(await setup.client.hkeys(f"{setup.prefix}{{g}}:what")) == [b"two", b"zero"]
    assert setup.noted == ["evicted"]


async def test_only_so_many_vectors_are_remembered_here(setup: Setup) -> None:
    index = setup.index(max_entries=2)
    for group in "abc":
        await index.add(place(0.0, group), group, 60.0)
        assert await found(index, place(0.0, group)) == group
    assert len(index) == 2
    assert await found(index, place(0.0, "a")) == "a"


async def test_what_one_forgets_all_forget(setup: Setup) -> None:
    first, second = setup.index(), setup.index()
    await first.add(place(0.0), "zero", 60.0)
    await first.add(place(1.0), "one", 60.0)
    assert await found(second, place(0.0)) == "zero"
    await first.forget("g", "zero")
    await first.forget("never heard of", "zero")
    assert [await found(index, place(0.0)) for index in (first, second)] == [None, None]
    assert await found(second, place(1.0)) == "one"
    assert len(await setup.keys()) == 3


async def test_names_that_redis_evicted_leave_no_vectors_behind(setup: Setup) -> None:
    index = setup.index()
    await index.add(place(0.0), "zero", 60.0)
    await setup.client.delete(f"{setup.prefix}{{g}}:when")
    await index.add(place(1.0), "one", 60.0)
    assert await setup.client.hkeys(f"{setup.prefix}{{g}}:what") == [b"one"]


async def test_without_redis_nothing_is_found_and_nothing_raised() -> None:
    link = RedisLink(connect("redis://127.0.0.1:1"), clock=time.monotonic, log=FakeLog())
    index = RedisIndex(link, Seal(SECRET))
    await index.add(place(0.0), "zero", 60.0)
    await index.forget("g", "zero")
    assert await index.find(place(0.0), -1.0) is None
    await link.close()
