"""The life of an exchange, with fakes around it: what is released, asked upstream, recorded, traced."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from app.account import Call
from app.domain.errors import (
    InvalidRequest,
    ShuttingDown,
    Unauthenticated,
    UpstreamBroken,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from app.domain.events import Blocked, Event, Failed, Started, TextDelta
from app.domain.exchange import ANONYMOUS, UNKNOWN, Caller, ExchangeRecord, Outcome, Usage
from app.pipeline import Pipeline
from app.policy import HEADER, Policy
from app.wire.openai_request import Limits
from guardrails import Action, Coverage, Guardrail, Mode, Side
from guardrails.config import guardrail
from tests.fakes import FakeLog, FakeProvider, FakeRecords, FakeRoutes, FakeTrace, answer_of

MAIL = "alice@example.com"
PRIVACY = {"checks": [{"pii": {"entities": ["email"]}}], "action": "redact"}
SECRECY = {"checks": [{"words": {"deny": ["forbidden"]}}], "action": "block"}
WATCHING = PRIVACY | {"mode": "monitor"}
ADDED = SECRECY | {"default": False}

stream_and_whole = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


class Bench:
    """A pipeline among fakes."""

    def __init__(self, provider: FakeProvider, **guardrails: dict[str, Any]) -> None:
        self.provider = provider
        self.records = FakeRecords()
        self.trace = FakeTrace()
        self.log = FakeLog()
        policy = Policy(
            [guardrail(name.replace("_", "-"), spec) for name, spec in guardrails.items()], b"key", "v1"
        )
        self.pipeline = Pipeline(
            routes=FakeRoutes(provider),
            policy=policy,
            records=self.records,
            limits=Limits(),
            log=self.log,
            scrub=lambda text: text.replace("hunter2", "[SECRET]"),
        )

    def call(self, body: bytes, **fields: Any) -> Call:
        given: dict[str, Any] = {"caller": ANONYMOUS} | fields
        return Call(
            exchange_id="0193-x",
            started_ns=1,
            method="POST",
            path="/v1/chat/completions",
            trace=self.trace,
            body=body,
            **given,
        )

    async def run(self, body: bytes, **fields: Any) -> list[Event]:
        exchange = self.pipeline.begin(self.call(body, **fields))
        async with aclosing(exchange.events()) as events:
            released = [event async for event in events]
        await self.pipeline.settle()
        return released

    @property
    def record(self) -> ExchangeRecord:
        (record,) = self.records.taken
        return record


def body(content: str = "hi", *, stream: bool = False, **fields: Any) -> bytes:
    message = {"role": "user", "content": content}
    return json.dumps({"model": "@fake/m", "messages": [message], "stream": stream, **fields}).encode()


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@stream_and_whole
async def test_an_answer_comes_out_and_goes_on_record(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("Hel", "lo")))
    events = await bench.run(body(stream=stream, temperature=0.5, x_unknown=[1]))
    assert text_of(events) == "Hello"
    record = bench.record
    assert (record.outcome, record.status_code, record.stream) == (Outcome.OK, 200, stream)
    assert (record.provider, record.model, record.requested_model) == ("fake", "m", "@fake/m")
    assert record.usage == Usage(prompt_tokens=3, completion_tokens=5)
    assert record.response is not None
    assert record.response["choices"][0]["message"]["content"] == "Hello"
    assert record.request is not None
    assert record.request["x_unknown"] == [1]
    assert record.coverage == Coverage(received=5, screened=5, released=5)
    assert (record.trace_id, record.policy_version) == (bench.trace.trace_id, "v1")
    assert bench.trace.ended == [record.ended_ns]
    assert bench.provider.closed == 1


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


async def test_a_blocked_whole_answer_leaves_only_the_block() -> None:
    bench = Bench(FakeProvider(*answer_of("so it is for", "bidden.", " more")), no_secrets=SECRECY)
    (event,) = await bench.run(body())
    assert isinstance(event, Blocked)
    assert (bench.record.outcome, bench.record.status_code) == (Outcome.BLOCKED_OUTPUT, 446)
    assert bench.record.response is None
    assert bench.record.coverage.released == 0


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


async def test_half_a_whole_answer_is_no_answer() -> None:
    bench = Bench(FakeProvider(*answer_of("Hello")[:2], UpstreamBroken("cut")))
    (event,) = await bench.run(body())
    assert isinstance(event, Failed)
    assert bench.record.response is None
    assert bench.record.coverage == Coverage(received=5, screened=5, released=0)


@stream_and_whole
async def test_what_a_provider_says_about_an_error_is_screened_too(stream: bool) -> None:
    bench = Bench(FakeProvider(UpstreamRefused(f"bad {MAIL} hunter2", status=400)), privacy=PRIVACY)
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert event.error.message == "bad [EMAIL] [SECRET]"
    bench = Bench(FakeProvider(UpstreamRefused("a forbidden word", status=400)), no_secrets=SECRECY)
    (event,) = await bench.run(body(stream=stream))
    assert isinstance(event, Failed)
    assert "forbidden" not in event.error.message


@pytest.mark.parametrize("released", [1, 2])
async def test_a_caller_who_leaves_is_on_record_with_what_was_released(released: int) -> None:
    bench = Bench(FakeProvider(*answer_of("Hello", " you")[:3], 60.0))
    exchange = bench.pipeline.begin(bench.call(body(stream=True)))
    async with aclosing(exchange.events()) as events:
        for _ in range(released):
            await anext(events)
    assert bench.record.outcome is Outcome.CANCELLED
    assert bench.record.status_code == 499
    assert bench.provider.closed == 1
    if released == 2:
        assert bench.record.response is not None
        assert bench.record.response["choices"][0]["message"]["content"] == "Hello"


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


async def test_what_nobody_has_screened_is_not_on_record() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    await bench.run(body(f"I am {MAIL}"), guardrails=("nope",))
    assert bench.record.request is None
    assert bench.record.requested_model == "@fake/m"


async def test_an_unknown_model_is_refused_with_its_request_screened() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    document = {"model": "@nobody/m", "messages": [{"role": "user", "content": MAIL}]}
    await bench.run(json.dumps(document).encode())
    assert bench.record.status_code == 404
    assert [one.rule for verdict in bench.record.verdicts for one in verdict.findings] == ["email"]


async def test_more_texts_than_can_be_screened_are_refused() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY)
    (event,) = await bench.run(body(x=["a"] * 100_001))
    assert isinstance(event, Failed)
    assert (event.error.status, event.error.code) == (400, "too_many_texts")


async def test_metadata_of_a_header_is_screened_before_it_is_on_record() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY, no_secrets=SECRECY)
    await bench.run(body(), metadata={"who": MAIL, "n": 1})
    await bench.run(body(), metadata={"who": "forbidden"})
    assert [record.metadata for record in bench.records.taken] == [{"who": "[EMAIL]", "n": 1}, None]


@stream_and_whole
async def test_a_guardrail_that_only_observes_delays_nothing(stream: bool) -> None:
    class Slow:
        kind = "slow"
        triggers = ()
        redactable = True
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
    await bench.pipeline.settle()
    assert check.begun > 0
    assert [(one.guardrail, one.side) for one in bench.record.verdicts] == [
        ("watch", Side.INPUT),
        ("watch", Side.OUTPUT),
    ]


async def test_an_exchange_we_cancel_says_so_on_record() -> None:
    bench = Bench(FakeProvider(60.0))
    exchange = bench.pipeline.begin(bench.call(body()))

    async def consume() -> None:
        async with aclosing(exchange.events()) as events:
            async for _ in events:
                pass

    task = asyncio.ensure_future(consume())
    await bench.provider.asked.wait()
    exchange.abort(ShuttingDown("stopping"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (bench.record.outcome, bench.record.status_code) == (Outcome.FAILED, 503)


async def test_a_provider_s_names_go_on_record_without_secrets() -> None:
    events = [Started({"id": "hunter2", "model": "hunter2"}), *answer_of("x", reason="hunter2")[1:]]
    bench = Bench(FakeProvider(*events))
    await bench.run(
        json.dumps({"model": "@fake/hunter2", "messages": [{"role": "user", "content": "x"}]}).encode()
    )
    (attempt,) = bench.record.attempts
    said = (attempt.model, attempt.response_id, attempt.response_model, *attempt.finish_reasons)
    assert said == ("[SECRET]",) * 4
    assert "hunter2" not in repr(bench.log.lines)
    assert bench.provider.requests[0][1] == "hunter2"


async def test_every_field_of_a_provider_s_error_is_screened() -> None:
    error = UpstreamRefused(
        "bad", status=429, type_=MAIL, param=f"x {MAIL}", code="hunter2", headers=(("retry-after", MAIL),)
    )
    bench = Bench(FakeProvider(error), privacy=PRIVACY)
    (event,) = await bench.run(body())
    assert isinstance(event, Failed)
    assert event.error.body() == {
        "error": {"message": "bad", "type": "[EMAIL]", "param": "x [EMAIL]", "code": "[SECRET]"}
    }
    assert isinstance(event.error, UpstreamRefused)
    assert event.error.headers == ()
    assert [one.decision for one in bench.record.verdicts] == ["pass", "redact"]


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


async def test_an_exchange_refused_before_its_body_was_read_is_on_record() -> None:
    bench = Bench(FakeProvider())
    bench.pipeline.begin(bench.call(b"", caller=UNKNOWN)).reject(Unauthenticated("No key."))
    record = bench.record
    assert (record.outcome, record.status_code, record.caller) == (Outcome.REJECTED, 401, "unknown")
    assert record.request is None


async def test_metadata_is_the_header_s_or_the_body_s() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")))
    await bench.run(body(metadata={"_user": "u1"}))
    await bench.run(body(metadata={"_user": "u1"}), metadata={"_user": "u2"})
    assert [record.metadata for record in bench.records.taken] == [{"_user": "u1"}, {"_user": "u2"}]


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
    bench = Bench(FakeProvider(*answer_of("Hello")[:1], 60.0))
    exchange = bench.pipeline.begin(bench.call(body(stream=True)))
    async with aclosing(exchange.events()) as events:
        async with asyncio.timeout(5):
            assert isinstance(await anext(events), Started)
