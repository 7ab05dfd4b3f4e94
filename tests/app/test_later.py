"""Work that answers do not wait for."""

import asyncio

import pytest

from app import later as module
from app.later import Later


async def test_settled_is_what_was_begun_and_what_that_began() -> None:
    later = Later()
    done: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0)
        done.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        later.run(second())
        done.append("first")

    later.run(first())
    await later.settle()
    assert done == ["first", "second"]


async def test_what_fails_keeps_nobody_from_ending() -> None:
    later = Later()

    async def broken() -> None:
        raise RuntimeError

    task = later.run(broken())
    await later.settle()
    assert isinstance(task.exception(), RuntimeError)


async def test_what_takes_too_long_is_cancelled_and_what_it_then_begins_is_done() -> None:
    later = Later()
    done: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0)
        done.append("second")

    async def hanging() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            done.append("first")
            later.run(second())

    later.run(hanging())
    assert await asyncio.wait_for(later.settle(0.01), 10) == 1
    assert done == ["first", "second"]


async def test_what_hangs_again_behind_that_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CANCEL_S", 0.01)
    later, released = Later(), asyncio.Event()

    async def stubborn() -> None:
        try:
            await released.wait()
        finally:
            await released.wait()

    task = later.run(stubborn())
    try:
        assert await asyncio.wait_for(later.settle(0.01), 10) == 1
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()
    finally:
        released.set()
