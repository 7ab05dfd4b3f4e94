"""The life of an exchange, with fakes around it: what is released, asked upstream, recorded."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from app.domain.errors import (
    InvalidRequest,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from app.domain.events import (
    Blocked,
    Failed,
    Started,
)
from app.domain.exchange import Caller, Outcome
from app.policy import HEADER, Policy
from guardrails import Action, Coverage, Guardrail, Mode, Side
from guardrails.view import AS_IT_STANDS
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import ADDED, MAIL, PRIVACY, SECRECY, WATCHING, Bench, body, stream_and_whole, text_of


@stream_and_whole
async def test_the_provider_gets_the_redacted_request_and_nobody_else_s_is_changed(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    await bench.run(body(f"mail {MAIL} now", stream=stream, user=MAIL))
    ((asked, model),) = bench.provider.requests
    assert model == "m"
    assert asked.document["messages"][0]["content"] == "mail [EMAIL] now"
    assert asked.document["user"] == "[EMAIL]"
    assert bench.record.request is not None
    assert bench.record.request["messages"][0]["content"] == f"mail {MAIL} now"
    assert [one.decision for one in bench.record.verdicts] == ["redact", "pass"]


@stream_and_whole
async def test_a_blocked_request_is_never_sent(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), no_secrets=SECRECY)
    (event,) = await bench.run(body("this is forbidden", stream=stream))
    assert isinstance(event, Blocked)
    assert event.verdict.guardrail == "no-secrets"
    assert bench.provider.requests == []
    assert (bench.record.outcome, bench.record.status_code) == (Outcome.BLOCKED_INPUT, 446)
    assert bench.record.response is None
    assert [span.name for span in bench.trace.children] == ["guardrail no-secrets"]


@stream_and_whole
async def test_an_answer_is_redacted(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("I am alice@exa", "mple.com, yes")), privacy=PRIVACY)
    events = await bench.run(body(stream=stream))
    assert text_of(events) == "I am [EMAIL], yes"
    assert bench.record.response is not None
    assert bench.record.response["choices"][0]["message"]["content"] == "I am [EMAIL], yes"
    assert bench.record.coverage == Coverage(received=27, screened=27, released=10)


async def test_a_blocked_stream_ends_before_the_match_and_cancels_the_provider() -> None:
    bench = Bench(FakeProvider(*answer_of("so it is for", "bidden.", " more")), no_secrets=SECRECY)
    events = await bench.run(body(stream=True))
    assert isinstance(events[-1], Blocked)
    assert text_of(events) == "so it is "
    assert bench.provider.closed == 1
    record = bench.record
    assert (record.outcome, record.status_code) == (Outcome.BLOCKED_OUTPUT, 200)
    assert record.response is not None
    assert record.response["choices"][0]["message"]["content"] == "so it is "
    assert record.coverage.released == len("so it is ")


@stream_and_whole
@pytest.mark.parametrize(
    "error", [UpstreamUnreachable("no"), UpstreamTimeout("late"), UpstreamBroken("junk")]
)
async def test_a_provider_that_fails_at_once_has_a_true_status(stream: bool, error: Any) -> None:
    bench = Bench(FakeProvider(error))
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert event.error is error
    record = bench.record
    assert (record.outcome, record.status_code) == (Outcome.UPSTREAM_ERROR, error.status)
    assert record.attempts[0].error_type == error.code
    (span,) = bench.trace.children
    assert (span.name, span.error_type) == ("chat m", error.code)


async def test_a_stream_that_breaks_says_so_and_keeps_what_was_released() -> None:
    bench = Bench(FakeProvider(*answer_of("Hello", " you")[:2], UpstreamBroken("cut")))
    events = await bench.run(body(stream=True))
    assert isinstance(events[-1], Failed)
    assert text_of(events) == "Hello"
    assert (bench.record.outcome, bench.record.status_code) == (Outcome.UPSTREAM_ERROR, 200)
    assert bench.record.response is not None


async def test_who_only_observes_has_a_say_about_a_stream_that_broke() -> None:
    bench = Bench(FakeProvider(*answer_of(f"I am {MAIL}")[:2], UpstreamBroken("cut")), watch=WATCHING)
    await bench.run(body(stream=True))
    (_, output) = bench.record.verdicts
    assert [(one.rule, one.start) for one in output.findings] == [("email", 5)]


async def test_a_caller_who_leaves_while_the_provider_thinks_cancels_it() -> None:
    bench = Bench(FakeProvider(60.0))
    exchange = bench.pipeline.begin(bench.call(body()))

    async def consume() -> None:
        async with aclosing(exchange.events()) as events:
            async for _ in events:
                pass

    task = asyncio.ensure_future(consume())
    await bench.provider.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bench.provider.closed == 1
    assert bench.record.outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        (b"", None),
        (b"nonsense", None),
        (b"{}", "model"),
        (b'{"model": "@fake/m"}', "messages"),
        (b'{"model": "@nobody/m", "messages": [{"role": "user", "content": "x"}]}', "model"),
    ],
)
async def test_a_bad_request_is_refused_and_on_record(sent: bytes, param: str | None) -> None:
    bench = Bench(FakeProvider(*answer_of("ok")))
    (event,) = await bench.run(sent)
    assert isinstance(event, Failed)
    assert 400 <= event.error.status < 500
    assert event.error.param == param
    assert bench.record.outcome is Outcome.REJECTED
    assert bench.record.status_code == event.error.status
    assert bench.provider.requests == []


async def test_more_texts_than_can_be_screened_are_refused() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    (event,) = await bench.run(body(x=["a"] * 100_001))
    assert isinstance(event, Failed)
    assert (event.error.status, event.error.code) == (400, "too_many_texts")


@stream_and_whole
async def test_a_guardrail_that_only_observes_delays_nothing(stream: bool) -> None:
    class Slow:
        kind = "slow"
        telemetry_name = "slow"
        triggers = ()
        redactable = True
        views = AS_IT_STANDS
        begun = 0

        def find(self, run: Any) -> list[Any]:
            self.begun += 1
            return []

        def is_open(self, text: str, start: int) -> bool:
            return False

    check = Slow()
    bench = Bench(FakeProvider(*answer_of("Hello")))
    watching = Guardrail("watch", frozenset({Side.INPUT, Side.OUTPUT}), (check,), Action.BLOCK, Mode.MONITOR)
    bench.pipeline.policy = Policy([watching], b"key", "v1")
    exchange = bench.pipeline.begin(bench.call(body(stream=stream)))
    async with aclosing(exchange.events()) as events:
        assert text_of([event async for event in events]) == "Hello"
    assert check.begun == 0
    assert bench.records.taken == []
    await bench.pipeline.later.settle()
    assert check.begun > 0
    assert [(one.guardrail, one.side) for one in bench.record.verdicts] == [
        ("watch", Side.INPUT),
        ("watch", Side.OUTPUT),
    ]


async def test_a_request_may_add_guardrails_and_unknown_ones_are_named() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), extra=ADDED)
    assert not isinstance((await bench.run(body("forbidden")))[-1], Blocked)
    assert isinstance((await bench.run(body("forbidden"), guardrails=("extra",)))[-1], Blocked)
    (event,) = await bench.run(body(), guardrails=("nope",))
    assert isinstance(event, Failed)
    assert isinstance(event.error, InvalidRequest)
    assert event.error.param == HEADER
    assert "'nope'" in event.error.message
    assert "extra" in event.error.message


async def test_what_a_key_binds_cannot_be_dropped() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), extra=ADDED)
    caller = Caller(name="team", guardrails=("extra",))
    assert isinstance((await bench.run(body("forbidden"), caller=caller, guardrails=()))[-1], Blocked)
    assert bench.record.caller == "team"


@stream_and_whole
async def test_a_bug_is_an_answer_a_line_and_a_row(stream: bool) -> None:
    bench = Bench(FakeProvider(RuntimeError("hunter2")))
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert event.error.status == 500
    assert "hunter2" not in event.error.message
    assert bench.record.outcome is Outcome.FAILED
    assert ("error", "exchange_crashed") in [line[:2] for line in bench.log.lines]


async def test_nothing_is_begun_off_the_record() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")))
    bench.records.full = True
    (event,) = await bench.run(body())
    assert isinstance(event, Failed)
    assert event.error.status == 503
    assert bench.provider.requests == []
    assert bench.records.taken == []


@stream_and_whole
async def test_the_line_of_an_exchange_holds_no_content(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("my answer")), privacy=PRIVACY)
    await bench.run(body(f"my question {MAIL}", stream=stream))
    (line,) = bench.log.lines
    assert line[:2] == ("info", "exchange")
    assert line[2]["outcome"] == "ok"
    assert line[2]["guardrails"] == ["privacy:input:redact"]
    assert "question" not in repr(line)
    assert "my answer" not in repr(line)
    assert MAIL not in repr(line)


async def test_the_first_event_comes_while_the_provider_still_talks() -> None:
    bench = Bench(FakeProvider(*answer_of("Hello")[:2], 60.0))
    exchange = bench.pipeline.begin(bench.call(body(stream=True)))
    async with aclosing(exchange.events()) as events:
        async with asyncio.timeout(5):
            assert isinstance(await anext(events), Started)
