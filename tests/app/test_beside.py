"""Guardrails beside the provider: it is asked at once, and nothing leaves before they pass."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from app.domain.errors import UpstreamTimeout
from app.domain.events import Blocked, Event, Failed
from app.domain.exchange import Outcome
from app.policy import Policy
from app.routing.wish import Wish
from guardrails import Action, Decision, Guardrail, Match, Mode, OnError, Side
from tests.fakes import FakeProvider, answer_of
from tests.guardrails.planted import Judge
from tests.pipelines import Bench, body, stream_and_whole, text_of

FOUND = [Match("jailbreak", 0, 1)]
TOOLS = [{"type": "function", "function": {"name": "rm"}}]


def guarded(provider: FakeProvider, judge: Judge, **fields: Any) -> Bench:
    bench = Bench(provider)
    given: dict[str, Any] = {"action": Action.BLOCK, "timeout_s": 5, "during": True, **fields}
    guard = Guardrail("guard", frozenset({Side.INPUT}), (judge,), **given)
    bench.pipeline.policy = Policy([guard], b"key", "v1")
    return bench


class Running:
    """An exchange that runs while a test looks on."""

    def __init__(self, bench: Bench, sent: bytes) -> None:
        self._events = bench.pipeline.begin(bench.call(sent)).events()
        self.released: list[Event] = []
        self.task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        async with aclosing(self._events) as events:
            async for event in events:
                self.released.append(event)


@stream_and_whole
async def test_the_provider_is_asked_at_once_and_its_answer_is_held(stream: bool) -> None:
    judge = Judge(delay_s=0.15)
    bench = guarded(FakeProvider(*answer_of("hel", "lo")), judge)
    running = Running(bench, body(stream=stream))
    await asyncio.wait_for(bench.provider.asked.wait(), 0.1)
    await asyncio.sleep(0.05)
    assert judge.judged == ["hi"]
    assert running.released == []
    await running.task
    await bench.pipeline.later.settle()
    assert text_of(running.released) == "hello"
    (verdict,) = bench.record.verdicts
    assert (verdict.decision, verdict.complete) == (Decision.PASS, True)
    assert verdict.duration_ns > 100_000_000


@stream_and_whole
async def test_a_block_cancels_the_provider_and_nothing_leaves(stream: bool) -> None:
    provider = FakeProvider(answer_of("hello")[0], *answer_of("hello")[1:2], 30.0)
    bench = guarded(provider, Judge(FOUND, delay_s=0.05))
    released = await asyncio.wait_for(bench.run(body(stream=stream)), 1)
    assert [type(event) for event in released] == [Blocked]
    assert (len(provider.requests), provider.closed) == (1, 1)
    record = bench.record
    assert (record.outcome, record.status_code) == (Outcome.BLOCKED_INPUT, 446)
    assert (record.response, record.coverage.released) == (None, 0)
    assert [(one.guardrail, one.decision, one.blocked) for one in record.verdicts] == [
        ("guard", Decision.BLOCK, True)
    ]
    (attempt,) = record.attempts
    assert attempt.ended_ns is not None


@stream_and_whole
@pytest.mark.parametrize("on_error", list(OnError))
@pytest.mark.parametrize("failure", ["error", "timeout"])
async def test_a_failure_follows_on_error(failure: str, on_error: OnError, stream: bool) -> None:
    judge = Judge(error=ConnectionError()) if failure == "error" else Judge(delay_s=30)
    timeout_s = 0.05 if failure == "timeout" else 20
    bench = guarded(FakeProvider(*answer_of("hello")), judge, on_error=on_error, timeout_s=timeout_s)
    released = await asyncio.wait_for(bench.run(body(stream=stream)), 20)
    if on_error is OnError.BLOCK:
        assert [type(event) for event in released] == [Blocked]
    else:
        assert text_of(released) == "hello"
    (verdict,) = bench.record.verdicts
    assert verdict.error == ("timeout" if failure == "timeout" else "ConnectionError")


@stream_and_whole
@pytest.mark.parametrize("found", [[], FOUND], ids=["passes", "blocks"])
async def test_its_verdict_is_recorded_as_that_of_one_that_was_asked_before(
    found: list[Match], stream: bool
) -> None:
    verdicts = []
    for during in (False, True):
        bench = guarded(FakeProvider(*answer_of("ok")), Judge(found), during=during)
        await bench.run(body(stream=stream))
        (verdict,) = bench.record.verdicts
        verdicts.append((verdict.decision, verdict.findings, verdict.complete, verdict.blocked))
        assert len(bench.provider.requests) == (during or not found)
    assert verdicts[0] == verdicts[1]


@stream_and_whole
@pytest.mark.parametrize("place", ["request", "config"])
async def test_where_tools_are_offered_the_provider_is_asked_afterwards(place: str, stream: bool) -> None:
    bench = guarded(FakeProvider(*answer_of("ok")), Judge(FOUND, delay_s=0.02))
    config = '{"provider": "@fake", "override_params": {"tools": [{"type": "x"}]}}'
    if place == "request":
        released = await bench.run(body(stream=stream, tools=TOOLS))
    else:
        released = await bench.run(body(stream=stream), wish=Wish(config=config))
    assert isinstance(released[-1], Blocked)
    assert bench.provider.requests == []


@stream_and_whole
async def test_tools_are_offered_once_it_passes(stream: bool) -> None:
    bench = guarded(FakeProvider(*answer_of("ok")), Judge(delay_s=0.02))
    assert text_of(await bench.run(body(stream=stream, tools=TOOLS))) == "ok"


@stream_and_whole
@pytest.mark.parametrize("found", [[], FOUND], ids=["passes", "blocks"])
async def test_an_error_of_the_provider_waits_for_the_verdict(found: list[Match], stream: bool) -> None:
    bench = guarded(FakeProvider(UpstreamTimeout("late")), Judge(found, delay_s=0.05))
    (last,) = await bench.run(body(stream=stream))
    assert isinstance(last, Blocked if found else Failed)
    assert len(bench.provider.requests) == 1


@stream_and_whole
async def test_a_caller_who_leaves_cancels_both(stream: bool) -> None:
    judge = Judge(delay_s=30)
    provider = FakeProvider(answer_of("hello")[0], 30.0)
    bench = guarded(provider, judge, timeout_s=60)
    running = Running(bench, body(stream=stream))
    await provider.asked.wait()
    await asyncio.sleep(0)
    running.task.cancel()
    await asyncio.wait([running.task])
    await bench.pipeline.later.settle()
    assert (judge.cancelled, provider.closed) == (1, 1)
    assert bench.record.outcome is Outcome.CANCELLED
    (verdict,) = bench.record.verdicts
    assert (verdict.decision, verdict.complete) == (Decision.PASS, False)


async def test_a_slow_reader_slows_the_provider_once_the_answer_flows() -> None:
    pieces = [f"{i} " for i in range(50)]
    bench = guarded(FakeProvider(*answer_of(*pieces)), Judge())
    exchange = bench.pipeline.begin(bench.call(body(stream=True)))
    async with aclosing(exchange.events()) as events:
        released = []
        async for event in events:
            released.append(event)
            await asyncio.sleep(0)
    assert text_of(released) == "".join(pieces)


@stream_and_whole
async def test_one_that_only_observes_hears_what_it_would_have_heard(stream: bool) -> None:
    judge = Judge(FOUND)
    bench = guarded(FakeProvider(*answer_of("ok")), judge, mode=Mode.MONITOR)
    assert text_of(await bench.run(body(stream=stream))) == "ok"
    (verdict,) = bench.record.verdicts
    assert (verdict.decision, verdict.blocked) == (Decision.BLOCK, False)


@stream_and_whole
async def test_the_verdicts_of_both_kinds_end_up_on_record(stream: bool) -> None:
    bench = guarded(FakeProvider(*answer_of("ok")), Judge(FOUND, delay_s=0.01), on_error=OnError.BLOCK)
    watching = Guardrail("watching", frozenset({Side.INPUT}), (Judge(FOUND),), Action.FLAG)
    guard = bench.pipeline.policy._guardrails["guard"]
    bench.pipeline.policy = Policy([guard, watching], b"key", "v1")
    await bench.run(body(stream=stream))
    assert [(one.guardrail, one.decision) for one in bench.record.verdicts] == [
        ("guard", Decision.BLOCK),
        ("watching", Decision.FLAG),
    ]
