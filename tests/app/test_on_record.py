import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from app.domain.events import Blocked, Event, Failed, Started
from app.on_record import BEGUN_AFTER_S
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import SECRECY, WATCHING, Bench, body, stream_and_whole


class Strict(Bench):
    """A bench whose records are strict, and commit when told."""

    def __init__(self, provider: FakeProvider, **guardrails: dict[str, Any]) -> None:
        super().__init__(provider, **guardrails)
        self.records.is_strict = True
        self.records.commits = False
        self.told: list[Event] = []

    async def listen(self, request: bytes) -> None:
        exchange = self.pipeline.begin(self.call(request))
        async with aclosing(exchange.events()) as events:
            async for event in events:
                self.told.append(event)

    async def until(self, waiting: int) -> None:
        """Wait until so many wait for the record, and a little longer."""
        async with asyncio.timeout(5):
            while len(self.records.waiting) != waiting:  # noqa: ASYNC110 (a fake has no event for it)
                await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)


@stream_and_whole
async def test_nothing_goes_upstream_before_its_beginning_is_kept(stream: bool) -> None:
    bench = Strict(FakeProvider(*answer_of("hello")))
    async with asyncio.TaskGroup() as group:
        group.create_task(bench.listen(body("hi", stream=stream)))
        await bench.until(1)
        assert bench.provider.requests == []
        (begun,) = bench.records.begun
        assert begun.request is not None
        bench.records.commit()
        await bench.until(1)
        assert len(bench.provider.requests) == 1
        bench.records.commit()


@stream_and_whole
async def test_no_answer_ends_before_all_of_it_is_kept(stream: bool) -> None:
    bench = Strict(FakeProvider(*answer_of("hello")))
    task = asyncio.get_running_loop().create_task(bench.listen(body("hi", stream=stream)))
    await bench.until(1)
    bench.records.commit()
    await bench.until(1)
    assert not task.done()
    assert bench.record.outcome.value == "ok"
    bench.records.commit()
    await task


@stream_and_whole
@pytest.mark.parametrize("word", ["forbidden", "hi"])
async def test_a_block_is_told_when_it_is_kept(stream: bool, word: str) -> None:
    bench = Strict(FakeProvider(*answer_of("forbidden")), secrecy=SECRECY)
    task = asyncio.get_running_loop().create_task(bench.listen(body(word, stream=stream)))
    await bench.until(1)
    if word == "hi":
        bench.records.commit()
        await bench.until(1)
    assert len(bench.records.taken) == 1
    assert not any(isinstance(event, Blocked) for event in bench.told)
    bench.records.commit()
    await task
    assert isinstance(bench.told[-1], Blocked)


async def test_verdicts_of_observers_are_waited_for() -> None:
    bench = Strict(FakeProvider(*answer_of("alice@example.com")), watching=WATCHING)
    bench.records.commits = True
    await bench.listen(body("hi"))
    assert [verdict.guardrail for verdict in bench.record.verdicts] == ["watching", "watching"]


@stream_and_whole
async def test_who_cannot_be_put_on_record_is_not_answered(
    stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.on_record._COMMIT_S", 0.02)
    bench = Strict(FakeProvider(*answer_of("hello")))
    await bench.listen(body("hi", stream=stream))
    (last,) = bench.told
    assert isinstance(last, Failed)
    assert (last.error.status, last.error.code) == (503, "records_unavailable")
    assert bench.provider.requests == []


async def test_a_caller_who_leaves_is_on_record_and_waited_for_by_nobody() -> None:
    bench = Strict(FakeProvider(*answer_of("hello")))
    task = asyncio.get_running_loop().create_task(bench.listen(body("hi", stream=True)))
    await bench.until(1)
    bench.records.commit()
    await bench.until(1)
    assert any(isinstance(event, Started) for event in bench.told)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(bench.records.taken) == 1


async def test_what_takes_long_is_noted_as_begun_once() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    exchange = bench.pipeline.begin(bench.call(body("hi", stream=True)))
    async with aclosing(exchange.events()) as events:
        await anext(events)
        now = asyncio.get_running_loop().time()
        bench.pipeline.under_way.note(now)
        assert bench.records.begun == []
        for _ in range(2):
            bench.pipeline.under_way.note(now + BEGUN_AFTER_S + 1)
        assert [record.request is not None for record in bench.records.begun] == [True]
    assert bench.record.id == bench.records.begun[0].id


async def test_what_is_short_is_never_noted_as_begun() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    await bench.run(body("hi"))
    bench.pipeline.under_way.note(asyncio.get_running_loop().time() + 100)
    assert bench.records.begun == []


async def test_the_record_is_told_what_was_refused_before_it_was_read() -> None:
    bench = Bench(FakeProvider(*answer_of("hello")))
    await bench.run(body())
    await bench.run(b"no JSON, but read")
    assert (bench.records.admitted, bench.records.refused) == (2, 0)
    bench.pipeline.begin(bench.call(b"")).reject(InvalidRequest("no key"))
    assert (bench.records.admitted, bench.records.refused) == (3, 1)
