"""Who is told what when an exchange has ended, and when its trace is handed over."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from app.domain.exchange import ExchangeRecord
from app.later import Later
from app.telling import MOST_WAITING, Telling
from guardrails import Decision, Side
from telemetry import Trace
from tests.exchanges import exchange, verdict
from tests.fakes import FakeLog, FakeTrace


class Shown:
    def __init__(self, *, wanted: bool = True, fails: bool = False) -> None:
        self.wanted, self.fails = wanted, fails
        self.ended: list[int] | None = None

    def shows(self, record: ExchangeRecord) -> bool:
        return self.wanted

    def show(self, trace: Trace, record: ExchangeRecord) -> None:
        assert isinstance(trace, FakeTrace)
        self.ended = list(trace.ended)
        if self.fails:
            raise KeyError("no such thing")


async def told(contents: Shown, trace: FakeTrace, log: FakeLog) -> tuple[int, int]:
    """Return how often the trace had ended before the later work, and how often after it."""
    counted: list[ExchangeRecord] = []
    later: list[Coroutine[Any, Any, None]] = []
    Telling(log, counted.append, contents).tell(trace, exchange(), later.append)
    assert len(counted) == 1
    assert "exchange" in [event for _, event, _ in log.lines]
    at_once = len(trace.ended)
    await asyncio.gather(*later)
    return at_once, len(trace.ended)


async def test_a_trace_waits_for_its_content_and_nothing_else_does() -> None:
    contents = Shown()
    assert await told(contents, FakeTrace(), FakeLog()) == (0, 1)
    assert contents.ended == []


@pytest.mark.parametrize(("wanted", "sampled"), [(False, True), (True, False)])
async def test_a_trace_that_shows_nothing_is_handed_over_at_once(wanted: bool, sampled: bool) -> None:
    contents, trace = Shown(wanted=wanted), FakeTrace()
    trace.sampled = sampled
    assert await told(contents, trace, FakeLog()) == (1, 1)
    assert contents.ended is None


async def test_content_that_cannot_be_shown_does_not_lose_the_trace() -> None:
    log = FakeLog()
    assert await told(Shown(fails=True), FakeTrace(), log) == (0, 1)
    level, event, fields = log.lines[-1]
    assert (level, event, fields["exc_info"]) == ("error", "content_not_shown", True)


class Slow(Shown):
    """Shows when it may, and knows how many do so at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.shown = self.now = self.most = 0

    def show(self, trace: Trace, record: ExchangeRecord) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        assert self.go.wait(30)
        self.now -= 1
        self.shown += 1


async def test_content_takes_one_thread_and_bounded_memory_however_fast_exchanges_end() -> None:
    contents, log, trace, later = Slow(), FakeLog(), FakeTrace(), Later()
    telling = Telling(log, lambda _: None, contents)
    for _ in range(MOST_WAITING + 3):
        telling.tell(trace, exchange(), later.run)
    assert len(trace.ended) == 3
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(asyncio.to_thread(abs, -1) for _ in range(3))) == [1, 1, 1]
    contents.go.set()
    await later.settle()
    assert (contents.shown, contents.most, len(trace.ended)) == (MOST_WAITING, 1, MOST_WAITING + 3)
    assert [event for level, event, _ in log.lines if level == "warning"] == ["content_left_out"]


async def test_it_is_said_again_once_all_traces_had_their_content() -> None:
    contents, log, later = Slow(), FakeLog(), Later()
    contents.go.set()
    telling = Telling(log, lambda _: None, contents)
    for _ in range(2):
        for _ in range(MOST_WAITING + 1):
            telling.tell(FakeTrace(), exchange(), later.run)
        await later.settle()
    assert [event for level, event, _ in log.lines if level == "warning"] == ["content_left_out"] * 2


def test_a_guardrail_that_failed_has_a_line_of_its_own() -> None:
    log, trace = FakeLog(), FakeTrace()
    failed = verdict(Side.INPUT, decision=Decision.ERROR, error="timeout")
    Telling(log).tell(trace, exchange(verdicts=(failed,)), lambda _: None)
    assert [event for _, event, _ in log.lines] == ["guardrail_failed", "exchange"]
    assert len(trace.ended) == 1
