"""Who is told what when an exchange has ended, and when its trace is handed over."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from app.domain.exchange import ExchangeRecord
from app.telling import Telling
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


def test_a_guardrail_that_failed_has_a_line_of_its_own() -> None:
    log, trace = FakeLog(), FakeTrace()
    failed = verdict(Side.INPUT, decision=Decision.ERROR, error="timeout")
    Telling(log).tell(trace, exchange(verdicts=(failed,)), lambda _: None)
    assert [event for _, event, _ in log.lines] == ["guardrail_failed", "exchange"]
    assert len(trace.ended) == 1
