"""Of several who ask the same at once one question goes out, and goes on while anybody waits for it."""

import asyncio

import pytest

from guardrails.remote.flights import Flights


class Question:
    """Asked, it waits to be told the answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.told = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> str:
        self.asked += 1
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return "answer"


async def test_all_have_the_answer_of_one_question() -> None:
    flights: Flights[str] = Flights()
    question = Question()
    waiting = [asyncio.ensure_future(flights.join(b"q", question)) for _ in range(5)]
    await asyncio.sleep(0.01)
    question.told.set()
    assert await asyncio.gather(*waiting) == ["answer"] * 5
    assert question.asked == 1
    assert await flights.join(b"q", question) == "answer"
    assert question.asked == 2
    assert len(flights) == 0


async def test_all_have_its_error() -> None:
    flights: Flights[str] = Flights()
    question = Question()
    question.error = ValueError("no")
    question.told.set()
    failed = await asyncio.gather(*(flights.join(b"q", question) for _ in range(3)), return_exceptions=True)
    assert failed == [question.error] * 3
    assert len(flights) == 0


async def test_it_goes_on_when_the_first_has_gone_and_is_cancelled_with_the_last() -> None:
    flights: Flights[str] = Flights()
    question = Question()
    first, second = (asyncio.ensure_future(flights.join(b"q", question)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert question.cancelled == 0
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert question.cancelled == 1
    assert len(flights) == 0


async def test_who_asks_after_the_last_has_gone_asks_anew() -> None:
    flights: Flights[str] = Flights()
    question = Question()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await flights.join(b"q", question)
    question.told.set()
    assert await flights.join(b"q", question) == "answer"
    assert question.asked == 2
