"""The way to a real Redis: what comes of it away, silent, crowded, and of who leaves while he waits."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from app.cache.redis_link import connect
from tests.cable import cable
from tests.redis_server import redis_address, redis_prefix, redis_url
from tests.redis_setups import Setup


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    async with redis_prefix() as (client, prefix):
        yield Setup(client, prefix)


@pytest.fixture
async def silent() -> AsyncIterator[Setup]:
    """Yield a store whose Redis takes connections and says nothing."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(65536):
                pass
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = Setup(connect(f"redis://127.0.0.1:{port}"), "p:", timeout_s=0.05)
    try:
        yield made
    finally:
        await made.store.close()
        server.close()


async def test_a_redis_that_stops_is_a_miss_and_one_that_is_back_is_used_again(setup: Setup) -> None:
    with cable(*redis_address()) as laid:
        far = Setup(connect(f"redis://127.0.0.1:{laid.port}"), setup.prefix)
        await far.store.put("k", b"value", 60.0)
        laid.cut()
        for _ in range(4):
            assert await far.store.get("k") is None
        await far.store.put("k", b"another", 60.0)
        assert far.noted == ["failed"] * 3 + ["resting"] * 2
        assert [(level, event) for level, event, _ in far.log.lines] == [("warning", "cache_redis_away")]
        laid.mend()
        assert await far.store.get("k") is None
        far.clock.now_s += 10.0
        assert await far.store.get("k") == b"value"
        assert [event for _, event, _ in far.log.lines] == ["cache_redis_away", "cache_redis_back"]
        await far.store.close()


async def test_a_redis_that_is_silent_costs_its_time_and_is_then_left_alone(
    silent: Setup,
) -> None:
    start_s = time.monotonic()
    for _ in range(100):
        assert await silent.store.get("k") is None
    await silent.store.put("k", b"value", 60.0)
    assert time.monotonic() - start_s < 2.0
    assert silent.noted == ["failed"] * 3 + ["resting"] * 98


async def test_a_redis_that_is_still_away_after_its_rest_is_left_alone_again_without_another_line(
    silent: Setup,
) -> None:
    for _ in range(4):
        await silent.store.get("k")
    silent.clock.now_s += 10.0
    silent.noted.clear()
    for _ in range(3):
        await silent.store.get("k")
    assert silent.noted == ["failed", "resting", "resting"]
    assert len(silent.log.lines) == 1


async def test_one_failure_among_answers_changes_nothing(setup: Setup) -> None:
    await setup.client.rpush(f"{setup.prefix}list", "a")
    await setup.store.put("k", b"value", 60.0)
    for _ in range(5):
        assert await setup.store.get("list") is None
        assert await setup.store.get("k") == b"value"
    assert setup.log.lines == []


async def test_a_log_line_holds_no_address_and_no_password() -> None:
    setup = Setup(connect("redis://user:hunter2@127.0.0.1:1/0"), "p:")
    for _ in range(3):
        assert await setup.store.get("k") is None
    await setup.store.close()
    assert setup.log.lines == [("warning", "cache_redis_away", {"error": "ConnectionError"})]


async def test_who_is_cancelled_while_he_waits_leaves_no_reply_for_the_next(setup: Setup) -> None:
    for number in range(20):
        await setup.store.put(str(number), str(number).encode(), 60.0)

    async def asks(number: int) -> None:
        assert await setup.store.get(str(number)) in {str(number).encode(), None}

    for turns in range(12):
        tasks = [asyncio.ensure_future(asks(number)) for number in range(20)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [one for one in results if isinstance(one, AssertionError)] == []
    assert await setup.store.get("7") == b"7"


async def test_a_crowd_waits_for_its_turn(setup: Setup) -> None:
    await setup.store.put("k", b"value", 60.0)
    few = Setup(connect(redis_url(), max_connections=2), setup.prefix)
    assert await asyncio.gather(*(few.store.get("k") for _ in range(50))) == [b"value"] * 50
    await few.store.close()
    assert few.noted == []


def test_what_is_no_url_of_redis_is_refused() -> None:
    with pytest.raises(ValueError, match="scheme"):
        connect("http://127.0.0.1:6379")
