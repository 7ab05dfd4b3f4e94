"""Work that answers do not wait for."""

import asyncio

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
