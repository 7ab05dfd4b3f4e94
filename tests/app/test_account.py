"""What of an exchange stands on record, however it ended."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from decimal import Decimal

import pytest

from app.account import cost_of
from app.domain.errors import (
    HandrailError,
    ShuttingDown,
    Unauthenticated,
    UpstreamBroken,
    UpstreamRefused,
    UpstreamTimeout,
)
from app.domain.events import Blocked, Failed, ProviderEvent
from app.domain.exchange import UNKNOWN, Attempt, Outcome, Usage
from guardrails import Coverage, Side
from tests.exchanges import attempt
from tests.fakes import FakeProvider, answer_of
from tests.pipelines import MAIL, PRIVACY, SECRECY, WATCHING, Bench, body, stream_and_whole, text_of


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        (answer_of("Hello"), None),
        (answer_of("it is for", "bidden.", " more"), "blocked"),
        ((UpstreamBroken("cut"),), "failed"),
    ],
)
@stream_and_whole
async def test_whether_it_is_traced_is_settled_before_it_is_on_record(
    said: tuple[ProviderEvent | HandrailError, ...], ending: str | None, stream: bool
) -> None:
    bench = Bench(FakeProvider(*said), no_secrets=SECRECY)
    bench.trace.sampled = False
    bench.trace.keeps = set() if ending is None else {ending}
    await bench.run(body(stream=stream))
    assert bench.trace.settled == [(ending, bench.record.ended_ns)]
    assert bench.record.trace_sampled is (ending is not None)


async def test_a_blocked_request_is_worth_a_trace_and_a_rejected_one_is_not() -> None:
    blocked, rejected = Bench(FakeProvider(), no_secrets=SECRECY), Bench(FakeProvider())
    await blocked.run(body(content="it is forbidden."))
    await rejected.run(b"{")
    assert [settled for settled, _ in (*blocked.trace.settled, *rejected.trace.settled)] == ["blocked", None]


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


async def test_a_blocked_whole_answer_leaves_only_the_block() -> None:
    bench = Bench(FakeProvider(*answer_of("so it is for", "bidden.", " more")), no_secrets=SECRECY)
    (event,) = await bench.run(body())
    assert isinstance(event, Blocked)
    assert (bench.record.outcome, bench.record.status_code) == (Outcome.BLOCKED_OUTPUT, 446)
    assert bench.record.response is None
    assert bench.record.coverage.released == 0


async def test_half_a_whole_answer_is_no_answer() -> None:
    bench = Bench(FakeProvider(*answer_of("Hello")[:2], UpstreamBroken("cut")))
    (event,) = await bench.run(body())
    assert isinstance(event, Failed)
    assert bench.record.response is None
    assert bench.record.coverage == Coverage(received=5, screened=5, released=0)


@pytest.mark.parametrize(
    ("error", "deciding"),
    [
        (lambda: UpstreamTimeout("late"), []),
        (lambda: UpstreamRefused("Busy.", status=503), []),
        (lambda: UpstreamRefused("it is forbidden", status=400), ["no-secrets"]),
    ],
    ids=["timeout", "refusal", "refusal in words to be blocked"],
)
@stream_and_whole
async def test_nobody_passes_an_answer_that_never_came(
    error: Callable[[], HandrailError], deciding: list[str], stream: bool
) -> None:
    bench = Bench(FakeProvider(error()), no_secrets=SECRECY, privacy=PRIVACY, watch=WATCHING)
    await bench.run(body(stream=stream))
    assert [one.guardrail for one in bench.record.verdicts if one.side is Side.OUTPUT] == deciding
    spans = [one.attributes["handrail.guardrail.side"] for one in bench.trace.children[1:]]
    assert spans == ["input"] * 3 + ["output"] * len(deciding)


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


async def test_metadata_of_a_header_is_screened_before_it_is_on_record() -> None:
    bench = Bench(FakeProvider(*answer_of("ok")), privacy=PRIVACY, no_secrets=SECRECY)
    await bench.run(body(), metadata={"who": MAIL, "n": 1})
    await bench.run(body(), metadata={"who": "forbidden"})
    assert [record.metadata for record in bench.records.taken] == [{"who": "[EMAIL]", "n": 1}, None]


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


PAID, DEARER = attempt(1, cost_usd=Decimal("0.25")), attempt(2, cost_usd=Decimal("0.5"))
FREE = attempt(cost_usd=Decimal(0))
UNKNOWN_PRICE = attempt(cost_usd=None)
REFUSED = attempt(cost_usd=None, first_event_ns=None)


@pytest.mark.parametrize(
    ("attempts", "cost"),
    [
        ((), None),
        ((PAID,), Decimal("0.25")),
        ((PAID, DEARER), Decimal("0.75")),
        ((REFUSED, DEARER), Decimal("0.5")),
        ((REFUSED,), None),
        ((PAID, UNKNOWN_PRICE), None),
        ((UNKNOWN_PRICE, PAID), None),
        ((FREE,), Decimal(0)),
        ((FREE, UNKNOWN_PRICE), None),
    ],
)
def test_an_exchange_costs_what_its_answers_cost_or_nobody_knows(
    attempts: tuple[Attempt, ...], cost: Decimal | None
) -> None:
    assert cost_of(attempts) == cost


@stream_and_whole
async def test_what_an_answer_cost_and_what_was_not_asked_for_is_on_record(stream: bool) -> None:
    provider = FakeProvider(*answer_of("Hello"))
    provider.dropped = ("top_k", "hunter2", "a b")
    bench = Bench(provider)
    await bench.run(body(stream=stream))
    (made,) = bench.record.attempts
    assert (bench.record.cost_usd, made.cost_usd) == (Decimal("0.25"), Decimal("0.25"))
    assert made.dropped_params == ("top_k", "[SECRET]")


@stream_and_whole
async def test_an_answer_that_was_cut_before_its_usage_has_no_known_cost(stream: bool) -> None:
    bench = Bench(FakeProvider(*answer_of("Hello")[:2], UpstreamBroken("cut")))
    await bench.run(body(stream=stream))
    assert bench.record.cost_usd is None
