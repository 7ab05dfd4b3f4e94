"""Requests that make up one question go out at once, and fail as one."""

import asyncio

import pytest

from guardrails.remote.service import UnsoundAnswer
from guardrails.remote.together import together


async def test_answers_come_in_the_order_of_the_questions() -> None:
    async def ask(number: int) -> list[int]:
        await asyncio.sleep(0.01 * (3 - number))
        return [number] * number

    assert await together([1, 2, 0, 3], ask) == [1, 2, 2, 3, 3, 3]


async def test_the_first_error_cancels_the_others_and_is_the_error() -> None:
    ended: list[str] = []

    async def ask(number: int) -> list[int]:
        if number == 1:
            raise UnsoundAnswer("no")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return []

    with pytest.raises(UnsoundAnswer):
        await together([0, 1], ask)
    assert ended == ["cancelled"]
