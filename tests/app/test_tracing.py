"""What an exchange looks like in a trace: whole trees, as values."""

import json
from contextlib import aclosing
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from app.account import Call
from app.domain.errors import UpstreamRefused
from app.domain.exchange import ANONYMOUS, Usage
from app.pipeline import Pipeline
from app.policy import Policy
from app.tracing import begin_passing, end_attempt, failures, finish, log_fields
from app.wire.openai.request import Limits
from guardrails import Action, Decision, Mode, Side, Verdict
from guardrails.config import guardrail
from telemetry import SpanNote
from tests.exchanges import attempt, exchange, finding
from tests.exchanges import verdict as said
from tests.fakes import FakeLog, FakePrices, FakeProvider, FakeRecords, FakeTrace, answer_of, router_of

REDACT = {"checks": [{"pii": {"entities": ["email"]}}], "action": "redact"}
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "handrail.attempt": 1,
    "handrail.provider": "fake",
    "server.address": "127.0.0.1",
    "server.port": 9,
}


async def traced(provider: FakeProvider, document: dict[str, Any], **specs: dict[str, Any]) -> FakeTrace:
    trace = FakeTrace()
    pipeline = Pipeline(
        router=router_of(provider),
        policy=Policy([guardrail(name, spec) for name, spec in specs.items()], b"key", "v1"),
        prices=FakePrices(),
        records=FakeRecords(),
        limits=Limits(),
        log=FakeLog(),
        scrub=str,
    )
    call = Call(
        exchange_id="0193-x",
        started_ns=1,
        method="POST",
        path="/v1/chat/completions",
        trace=trace,
        caller=ANONYMOUS,
        body=json.dumps(
            {"model": "@fake/m", "messages": [{"role": "user", "content": "a@b.co"}], **document}
        ).encode(),
    )
    async with aclosing(pipeline.begin(call).events()) as events:
        async for _ in events:
            pass
    await pipeline.later.settle()
    return trace


def tree(trace: FakeTrace) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    return [_span(note) for note in (trace.root, *trace.children)]


def _span(note: SpanNote) -> tuple[str, str, str | None, dict[str, Any]]:
    timed = {
        "gen_ai.response.time_to_first_chunk",
        "handrail.output_tokens_per_second",
        "handrail.stream.time_to_first_release",
    }
    for name in timed & note.attributes.keys():
        assert isinstance(note.attributes[name], float)
    return note.name, note.kind, note.error_type, {k: v for k, v in note.attributes.items() if k not in timed}


def root(outcome: str, status: int, characters: int = 0, released: int | None = None) -> dict[str, Any]:
    return {
        "handrail.exchange.id": "0193-x",
        "handrail.caller": "anonymous",
        "handrail.outcome": outcome,
        "handrail.policy.version": "v1",
        "http.response.status_code": status,
        "handrail.stream.received": characters,
        "handrail.stream.screened": characters,
        "handrail.stream.released": characters if released is None else released,
    }


def verdict(side: str, decision: str, findings: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "openinference.span.kind": "GUARDRAIL",
        "handrail.guardrail.name": "privacy",
        "handrail.guardrail.side": side,
        "handrail.guardrail.decision": decision,
        "handrail.guardrail.action": "redact",
        "handrail.guardrail.mode": "enforce",
        "handrail.guardrail.blocked": False,
        "handrail.guardrail.findings": findings,
        **more,
    }


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_the_tree_of_a_guarded_answer(stream: bool) -> None:
    provider = FakeProvider(*answer_of("Hello"))
    trace = await traced(provider, {"stream": stream, "temperature": 0.5, "n": 2, "seed": 7}, privacy=REDACT)
    chat = CHAT | {
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.choice.count": 2,
        "gen_ai.request.seed": 7,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "fake-2026",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 5,
        "http.response.status_code": 200,
    }
    assert tree(trace) == [
        ("POST /v1/chat/completions", "server", None, root("ok", 200, 5)),
        ("chat m", "client", None, chat | ({"gen_ai.request.stream": True} if stream else {})),
        ("guardrail privacy", "internal", None,
         verdict("input", "redact", 1, **{"handrail.guardrail.rules": ("email",)})),
        ("guardrail privacy", "internal", None, verdict("output", "pass")),
    ]  # fmt: skip
    assert len(trace.ended) == 1
    assert all(note.end_ns is not None for note in trace.children)
    ((event, at_ns, told),) = trace.root.events
    expected = verdict("input", "redact", 1, **{"handrail.guardrail.rules": ("email",)})
    assert (event, at_ns) == ("handrail.guardrail.verdict", trace.children[1].end_ns)
    assert told | {"openinference.span.kind": "GUARDRAIL"} == expected


def test_a_verdict_names_no_more_rules_than_a_span_is_to_hold() -> None:
    findings = tuple(finding(f"messages[{i}].content", 0, 1, rule=f"rule-{i:02}") for i in range(40))
    trace = FakeTrace()
    finish(trace, exchange(verdicts=(said(Side.INPUT, *findings),)))
    (span,) = trace.children
    assert span.attributes["handrail.guardrail.rules"] == tuple(f"rule-{i:02}" for i in range(32))
    assert span.attributes["handrail.guardrail.findings"] == 40


async def test_the_tree_of_a_blocked_request_has_no_chat_span() -> None:
    trace = await traced(FakeProvider(), {}, privacy=REDACT | {"action": "block"})
    name, _, error, attributes = tree(trace)[1]
    assert [note.kind for note in trace.children] == ["internal"]
    assert (name, error) == ("guardrail privacy", None)
    assert (attributes["handrail.guardrail.blocked"], attributes["handrail.guardrail.decision"]) == (
        True,
        "block",
    )
    assert _span(trace.root) == ("POST /v1/chat/completions", "server", None, root("blocked_input", 446))


async def test_the_tree_of_a_provider_s_error() -> None:
    error = UpstreamRefused("slow down", status=429, code="rate_limit_exceeded")
    trace = await traced(FakeProvider(error), {})
    assert tree(trace) == [
        ("POST /v1/chat/completions", "server", None, root("upstream_error", 429)),
        ("chat m", "client", "rate_limit_exceeded", CHAT),
    ]


@pytest.mark.parametrize(
    ("code", "word"), [("rate_limit_exceeded", "rate_limit_exceeded"), ("quota of Anna Keller", "503")]
)
async def test_what_a_provider_calls_an_error_is_no_word_of_spans_and_lines(code: str, word: str) -> None:
    trace = await traced(FakeProvider(UpstreamRefused("no", status=503, code=code)), {})
    assert trace.root.error_type == word
    assert log_fields(exchange(error_code=code, error_word=word))["error"] == word


def test_a_provider_is_told_the_attempt_s_span_not_the_root() -> None:
    trace, one = FakeTrace(), attempt()
    span = begin_passing(trace, one, "GET")
    assert one.traceparent == trace.traceparent.replace(trace.root.span_id, span.span_id)


def test_what_an_attempt_cost_and_could_not_ask_for_is_on_its_span() -> None:
    trace = FakeTrace()
    whole = attempt(
        usage=Usage(prompt_tokens=9, completion_tokens=5, cached_tokens=3, cache_write_tokens=2),
        cost_usd=Decimal("0.0125"),
        dropped_params=("top_k", "seed"),
    )
    span = trace.span("chat m", "client", 1, {})
    end_attempt(span, whole, stream=False)
    assert span.attributes["gen_ai.usage.cache_write.input_tokens"] == 2
    assert span.attributes["gen_ai.usage.cache_read.input_tokens"] == 3
    assert span.attributes["handrail.cost_usd"] == 0.0125
    assert span.attributes["handrail.dropped_params"] == ("top_k", "seed")


@pytest.mark.parametrize(
    ("more", "rate"),
    [
        ({}, 10.0),
        ({"error_type": "upstream_broken"}, None),
        ({"ended_ns": 1_000_000_000}, None),
        ({"usage": Usage()}, None),
    ],
)
def test_tokens_per_second_are_those_of_a_stream_that_came_to_its_end(
    more: dict[str, Any], rate: float | None
) -> None:
    fields: dict[str, Any] = {
        "started_ns": 0,
        "first_event_ns": 1_000_000_000,
        "ended_ns": 1_500_000_000,
        "usage": Usage(completion_tokens=5),
    }
    span = FakeTrace().span("chat m", "client", 0, {})
    end_attempt(span, attempt(**(fields | more)), stream=True)
    assert span.attributes["gen_ai.response.time_to_first_chunk"] == 1.0
    assert span.attributes.get("handrail.output_tokens_per_second") == rate


def test_the_line_of_an_exchange_says_what_it_cost_and_could_not_ask_for() -> None:
    plain = log_fields(exchange())
    assert {"cost_usd", "dropped"} & plain.keys() == set()
    said = log_fields(
        exchange(cost_usd=Decimal("0.0125"), attempts=(attempt(dropped_params=("top_k", "seed")),))
    )
    assert (said["cost_usd"], said["dropped"]) == (0.0125, ["top_k", "seed"])


async def test_numbers_no_integer_of_otlp_can_hold_are_left_out() -> None:
    trace = await traced(FakeProvider(*answer_of("x")), {"seed": 2**70})
    assert "gen_ai.request.seed" not in trace.children[0].attributes


@pytest.mark.parametrize("recording", [False, True])
async def test_a_trace_nobody_samples_is_decorated_only_while_it_may_be_kept(recording: bool) -> None:
    trace = FakeTrace()
    trace.sampled, trace.recording = False, recording
    pipeline = Pipeline(
        router=router_of(FakeProvider(*answer_of("x"))),
        policy=Policy([guardrail("privacy", REDACT)], b"key", "v1"),
        prices=FakePrices(),
        records=FakeRecords(),
        limits=Limits(),
        log=FakeLog(),
        scrub=str,
    )
    body = b'{"model": "@fake/m", "messages": [{"role": "user", "content": "x"}]}'
    call = Call(
        exchange_id="x", started_ns=1, method="POST", path="/", trace=trace, caller=ANONYMOUS, body=body
    )
    async with aclosing(pipeline.begin(call).events()) as events:
        async for _ in events:
            pass
    await pipeline.later.settle()
    assert trace.root.attributes == {}
    assert [note.name for note in trace.children] == ["chat m"]
    assert ("gen_ai.operation.name" in trace.children[0].attributes) is recording


def test_a_guardrail_that_could_not_decide_has_a_line_of_its_own() -> None:
    failed = Verdict(
        "guard", Side.INPUT, Decision.ERROR, Action.BLOCK, Mode.ENFORCE, True, error="ServiceUnreachable"
    )
    passed = Verdict("privacy", Side.INPUT, Decision.PASS, Action.REDACT, Mode.ENFORCE, False)
    record = msgspec.structs.replace(exchange(), verdicts=(passed, failed))
    (line,) = failures(record)
    assert (line["guardrail"], line["side"], line["error"], line["blocked"]) == (
        "guard", "input", "ServiceUnreachable", True,
    )  # fmt: skip
