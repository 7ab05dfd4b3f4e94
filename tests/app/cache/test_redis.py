"""The store in Redis, on a real one: what lies there, and what comes of junk."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.cache.sealing import Seal
from tests.caches import SECRET
from tests.redis_server import redis_prefix
from tests.redis_setups import Setup


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    async with redis_prefix() as (client, prefix):
        yield Setup(client, prefix)


async def test_what_was_put_is_there_for_its_time_under_the_prefix(setup: Setup) -> None:
    await setup.store.put("k", b"\x00value\xff", 60.0)
    assert await setup.store.get("k") == b"\x00value\xff"
    assert await setup.client.get(f"{setup.prefix}k") == b"\x00value\xff"
    assert 59_000 < await setup.client.pttl(f"{setup.prefix}k") <= 60_000
    assert await setup.store.get("j") is None
    assert setup.noted == []


async def test_redis_itself_forgets(setup: Setup) -> None:
    await setup.store.put("k", b"value", 0.02)
    await asyncio.sleep(0.05)
    assert await setup.client.exists(f"{setup.prefix}k") == 0
    assert await setup.store.get("k") is None


async def test_sealed_values_are_not_to_be_read_there_nor_moved() -> None:
    async with redis_prefix() as (client, prefix):
        setup = Setup(client, prefix, seal=Seal(SECRET))
        await setup.store.put("k", b"a secret answer", 60.0)
        assert await setup.store.get("k") == b"a secret answer"
        there = await client.get(f"{prefix}k")
        assert there is not None
        assert b"secret" not in there
        await client.set(f"{prefix}j", there)
        assert await setup.store.get("j") is None
        assert setup.noted == ["unreadable"]


@pytest.mark.parametrize("junk", [b"", b"junk", b"\xff" * 100])
async def test_junk_in_redis_does_not_open(junk: bytes) -> None:
    async with redis_prefix() as (client, prefix):
        setup = Setup(client, prefix, seal=Seal(SECRET))
        await client.set(f"{prefix}k", junk)
        assert await setup.store.get("k") is None
        assert setup.noted == ["unreadable"]


async def test_a_value_of_another_type_is_a_miss(setup: Setup) -> None:
    await setup.client.rpush(f"{setup.prefix}k", "a list")
    assert await setup.store.get("k") is None
    assert setup.noted == ["failed"]
