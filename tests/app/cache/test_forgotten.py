"""What the cache gives no more: from memory, from Redis, and what is being put away meanwhile."""

import pytest

from app.cache.cache import Cache, Hit, Miss
from app.cache.key import Keys
from app.cache.memory import MemoryStore
from app.cache.redis_link import connect
from tests.cache_setups import ALIKE, ASKED, SEMANTIC, SIMPLE, Setup
from tests.caches import SECRET, Clock, answer
from tests.redis_server import redis_prefix
from tests.redis_setups import Setup as RedisSetup
from tests.upstreams import refusing_port


async def test_all_in_memory_is_let_go_of_answers_and_vectors() -> None:
    setup = Setup()
    await setup.keep(rules=SEMANTIC)
    assert await setup.cache.forgotten.clear(setup.clock.now_s)
    assert (len(setup.memory), setup.memory.held_bytes, len(setup.index)) == (0, 0, 0)
    (await setup.miss(ASKED, SEMANTIC)).close()
    (await setup.miss(ALIKE, SEMANTIC)).close()


async def test_what_is_made_later_is_kept_and_given() -> None:
    setup = Setup()
    await setup.cache.forgotten.clear(setup.clock.now_s)
    setup.clock.now_s += 1
    await setup.keep()
    assert (await setup.hit()).age_s == 0


async def test_what_still_lies_somewhere_is_not_given_and_not_repeated() -> None:
    setup = Setup()
    await setup.keep()
    hit = await setup.hit()
    assert await setup.cache.still_holds(hit)
    setup.cache.forgotten.hold_back(setup.clock.now_s)
    assert not await setup.cache.still_holds(hit)
    (await setup.miss()).close()
    assert len(setup.memory) == 1


class Slow(MemoryStore):
    """A store during whose work everything is forgotten."""

    cache: Cache
    clock: Clock

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        if ttl_s:
            await self.cache.forgotten.clear(self.clock.now_s)
        await super().put(key, value, ttl_s)


async def test_what_is_being_put_away_meanwhile_does_not_stay() -> None:
    clock = Clock()
    store = Slow(max_bytes=100_000, max_entries=10, clock=clock)
    cache = Cache(keys=Keys(SECRET), store=store, now_s=clock)
    store.cache, store.clock = cache, clock
    found = await cache.lookup(ASKED, SIMPLE)
    assert isinstance(found, Miss)
    assert not await cache.store(found, answer(), "e-1")
    assert len(store) == 0


async def test_in_redis_everything_of_ours_goes_and_nothing_else() -> None:
    async with redis_prefix() as (client, prefix):
        setup = RedisSetup(client, f"{prefix}ours:")
        await client.set(f"{prefix}another", b"stays", px=60_000)
        for number in range(1200):
            await setup.store.put(str(number), b"value", 60.0)
        cache = Cache(keys=Keys(SECRET), store=setup.store, now_s=setup.clock)
        assert not await cache.forgotten.was_cleared("forgotten:1")
        assert await cache.forgotten.clear(setup.clock.now_s, "forgotten:1")
        left = {key async for key in client.scan_iter(match=f"{prefix}*")}
        assert left == {f"{prefix}another".encode(), f"{prefix}ours:forgotten:1".encode()}
        assert await cache.forgotten.was_cleared("forgotten:1")
        assert not await cache.forgotten.was_cleared("forgotten:2")


async def test_a_redis_that_is_away_is_said_to_be_not_cleared() -> None:
    setup = RedisSetup(connect(f"redis://127.0.0.1:{refusing_port()}"), "p:")
    cache = Cache(keys=Keys(SECRET), store=setup.store, now_s=setup.clock)
    assert not await cache.forgotten.clear(setup.clock.now_s, "forgotten:1")
    await setup.store.close()


@pytest.mark.parametrize("name", ["", "forgotten:1"])
async def test_memory_dies_with_its_process_and_remembers_no_names(name: str) -> None:
    setup = Setup()
    assert await setup.cache.forgotten.was_cleared(name)
    assert await setup.cache.forgotten.clear(setup.clock.now_s, name)
    assert len(setup.memory) == 0


async def test_no_answer_outlives_the_longest_age() -> None:
    clock = Clock()
    store = MemoryStore(max_bytes=100_000, max_entries=10, clock=clock)
    cache = Cache(keys=Keys(SECRET), store=store, now_s=clock, longest_age_s=60.0)
    found = await cache.lookup(ASKED, SIMPLE)
    assert isinstance(found, Miss)
    assert await cache.store(found, answer(), "e-1")
    clock.now_s += 59
    assert isinstance(await cache.lookup(ASKED, SIMPLE), Hit)
    clock.now_s += 1
    gone = await cache.lookup(ASKED, SIMPLE)
    assert isinstance(gone, Miss)
    gone.close()
    assert len(store) == 0
