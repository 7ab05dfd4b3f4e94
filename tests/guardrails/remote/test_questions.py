"""A remote check asks once, not too much at once, not in vain, and no error is ever an answer."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from guardrails.check import Match
from guardrails.remote.questions import Questions
from guardrails.remote.service import CircuitOpen, ServiceRefused, ServiceUnreachable, UnsoundAnswer
from guardrails.remote.settings import RemoteSettings

FOUND = [Match("hate", 0, 3)]


class Ask:
    """Answers after a while, or raises."""

    def __init__(self, error: BaseException | None = None, delay_s: float = 0) -> None:
        self.error = error
        self.delay_s = delay_s
        self.asked = self.now = self.most = 0

    async def __call__(self) -> Sequence[Match]:
        self.asked += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.delay_s)
        finally:
            self.now -= 1
        if self.error is not None:
            raise self.error
        return FOUND


def questions(**settings: object) -> Questions:
    given = {"breaker": {"failures": 2, "open_s": 60}, **settings}
    return Questions(msgspec.convert(given, RemoteSettings), b"key")


async def test_an_answer_is_remembered_and_an_error_is_not() -> None:
    ask, one = Ask(ServiceRefused(400)), questions()
    for _ in range(2):
        with pytest.raises(ServiceRefused):
            await one.answer(["text"], ask)
    ask.error = None
    for _ in range(2):
        assert list(await one.answer(["text"], ask)) == FOUND
    assert ask.asked == 3
    await one.answer(["text", "other"], ask)
    assert ask.asked == 4


async def test_questions_in_flight_are_bounded_over_all_who_ask() -> None:
    ask, one = Ask(delay_s=0.005), questions(concurrency=3)
    await asyncio.gather(*(one.answer([str(i)], ask) for i in range(12)))
    assert (ask.asked, ask.most) == (12, 3)


async def test_equal_questions_at_once_are_asked_once() -> None:
    ask, one = Ask(delay_s=0.005), questions(cache_ttl_s=0)
    await asyncio.gather(*(one.answer(["text"], ask) for _ in range(12)))
    assert ask.asked == 1


@pytest.mark.parametrize("error", [ServiceUnreachable(), ServiceRefused(500), ServiceRefused(429)])
async def test_a_service_that_is_away_is_not_asked_for_a_while(error: Exception) -> None:
    ask, one = Ask(error), questions()
    for _ in range(2):
        with pytest.raises(type(error)):
            await one.answer(["text"], ask)
    with pytest.raises(CircuitOpen):
        await one.answer(["text"], ask)
    assert ask.asked == 2


@pytest.mark.parametrize("error", [ServiceRefused(400), ServiceRefused(401), UnsoundAnswer(), KeyError("x")])
async def test_what_a_text_could_cause_leaves_the_breaker_closed(error: Exception) -> None:
    ask, one = Ask(error), questions()
    for _ in range(5):
        with pytest.raises(type(error)):
            await one.answer(["text"], ask)
    assert ask.asked == 5


async def test_what_is_remembered_is_known_also_while_the_breaker_is_open() -> None:
    ask, one = Ask(), questions()
    await one.answer(["known"], ask)
    ask.error = ServiceUnreachable()
    for i in range(2):
        with pytest.raises(ServiceUnreachable):
            await one.answer([str(i)], ask)
    assert list(await one.answer(["known"], ask)) == FOUND


async def test_a_service_that_hangs_is_a_timeout_and_then_left_alone() -> None:
    ask, one = Ask(delay_s=30), questions(timeout_ms=10)
    for i in range(2):
        with pytest.raises(TimeoutError):
            await one.answer([str(i)], ask)
    begun = time.perf_counter()
    with pytest.raises(CircuitOpen):
        await one.answer(["text"], ask)
    assert time.perf_counter() - begun < 0.01


async def test_who_gives_up_when_the_time_is_over_counts_as_a_timeout() -> None:
    ask, one = Ask(delay_s=30), questions(timeout_ms=20)
    for i in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.0185):
                await one.answer([str(i)], ask)
    with pytest.raises(CircuitOpen):
        await one.answer(["text"], ask)


async def test_who_gives_up_early_says_nothing_about_the_service() -> None:
    ask, one = Ask(delay_s=30), questions(timeout_ms=60_000)
    for i in range(4):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await one.answer([str(i)], ask)
    assert ask.asked == 4
    assert ask.now == 0


async def test_what_is_no_sequence_of_matches_is_no_answer() -> None:
    async def junk() -> Any:
        return [{"rule": "hate"}]

    with pytest.raises(UnsoundAnswer):
        await questions().answer(["text"], junk)


def test_another_event_loop_can_ask_too() -> None:
    ask, one = Ask(delay_s=0.001), questions(concurrency=1, cache_ttl_s=0)

    async def crowd() -> None:
        await asyncio.gather(*(one.answer([str(i)], ask) for i in range(3)))

    for _ in range(2):
        asyncio.run(crowd())
    assert ask.asked == 6
