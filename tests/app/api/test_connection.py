import asyncio
import time
from typing import Any

import pytest

from app.api.body import CallerLeft
from app.api.connection import Drain, while_connected
from app.domain.errors import HandrailError


class Line:
    """A connection that stays until it is cut."""

    def __init__(self) -> None:
        self.cut = asyncio.Event()

    async def receive(self) -> Any:
        await self.cut.wait()
        return {"type": "http.disconnect"}


async def test_the_block_is_cancelled_when_the_caller_leaves() -> None:
    line = Line()
    asyncio.get_running_loop().call_later(0.01, line.cut.set)
    started_s = time.monotonic()
    with pytest.raises(ExceptionGroup) as caught:
        async with while_connected(line.receive):
            await asyncio.sleep(30)
    assert caught.group_contains(CallerLeft)
    assert time.monotonic() - started_s < 1


async def test_the_block_ends_by_itself_while_the_caller_waits() -> None:
    async with asyncio.timeout(1), while_connected(Line().receive):
        pass


async def test_an_error_of_the_block_comes_out() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with while_connected(Line().receive):
            raise ValueError("mine")
    assert caught.group_contains(ValueError, match="mine")


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def work() -> None:
        async with while_connected(Line().receive):
            await asyncio.sleep(30)

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_drain_cancels_what_outlasts_its_grace_and_nothing_else() -> None:
    drain, ended = Drain(0.05), []

    async def exchange(seconds: float) -> None:
        with drain.holding():
            await asyncio.sleep(seconds)
            ended.append(seconds)

    quick, slow = asyncio.ensure_future(exchange(0.0)), asyncio.ensure_future(exchange(30.0))
    await asyncio.sleep(0.01)
    drain.begin()
    drain.begin()
    await asyncio.wait([quick, slow], timeout=1)
    assert (quick.cancelled(), slow.cancelled(), ended) == (False, True, [0.0])


async def test_who_is_ended_by_a_drain_is_told_why_before_he_is_cancelled() -> None:
    drain = Drain(0.01)
    told: list[HandrailError] = []

    async def exchange() -> None:
        with drain.holding() as hold:
            hold.abort = told.append
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                assert told == [hold.error]
                raise

    task = asyncio.ensure_future(exchange())
    await asyncio.sleep(0)
    drain.begin()
    await asyncio.wait([task], timeout=1)
    assert task.cancelled()
    assert [error.code for error in told] == ["shutting_down"]


async def test_nothing_is_cancelled_before_a_drain_begins() -> None:
    drain = Drain(0.0)
    with drain.holding() as hold:
        await asyncio.sleep(0.01)
    assert hold.error is None
