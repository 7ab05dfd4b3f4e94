"""Traces of real exchanges over sockets: each kind's whole tree, as a collector got it.

Times differ from run to run: spans are asserted by their order, and durations among the attributes by being
there and positive.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.completions import spoken
from tests.e2e.otlp import Collector, SpanSeen, verdicts_told
from tests.e2e.test_metrics import UPSTREAMS, ask, config_of
from tests.servers import serve
from tests.telemetry.receiver import Received, http_collector
from tests.telemetry.spans import CALLER, CALLER_SPAN_ID, CALLER_TRACE_ID
from tests.upstreams import Upstream

Row = tuple[str, str, str, dict[str, Any]]
"""Name, kind, status, attributes."""
RUNNING = {**UPSTREAMS, "curses": (spoken(["forbidden word ", "and more"], delay_s=0.1),)}
"""What blocks comes long before the end, so the end is not seen."""
SOME = "some"
MEASURED = (
    "gen_ai.response.time_to_first_chunk",
    "handrail.output_tokens_per_second",
    "handrail.stream.time_to_first_release",
)
ANSWERED: dict[str, Any] = {
    "http.response.status_code": 200,
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.model": "gpt-test",
}
TO_THE_END: dict[str, Any] = ANSWERED | {
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 9,
    "gen_ai.usage.output_tokens": 12,
    "handrail.cost_usd": 0.9,
}
FIRST_CHUNK: dict[str, Any] = {"gen_ai.request.stream": True, "gen_ai.response.time_to_first_chunk": SOME}
STREAMED: dict[str, Any] = FIRST_CHUNK | {"handrail.output_tokens_per_second": SOME}
RELEASED: dict[str, Any] = {"handrail.stream.time_to_first_release": SOME}


def root(status: int, outcome: str, *characters: int | str, error: str = "", **more: Any) -> Row:
    received, screened, released = characters or (0, 0, 0)
    attributes = {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "url.path": "/v1/chat/completions",
        "url.scheme": "http",
        "http.response.status_code": status,
        "handrail.exchange.id": SOME,
        "handrail.policy.version": SOME,
        "handrail.caller": "anonymous",
        "handrail.outcome": outcome,
        "handrail.stream.received": received,
        "handrail.stream.screened": screened,
        "handrail.stream.released": released,
        **({"error.type": error} if error else {}),
        **more,
    }
    return "POST /v1/chat/completions", "SERVER", "ERROR" if error else "UNSET", attributes


def chat(provider: str, number: int, model: str = "m", *, error: str = "", **more: Any) -> Row:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "server.address": "127.0.0.1",
        "server.port": SOME,
        "handrail.provider": provider,
        "handrail.attempt": number,
        **({"error.type": error} if error else {}),
        **more,
    }
    return f"chat {model}", "CLIENT", "ERROR" if error else "UNSET", attributes


def failed(provider: str, status: int, model: str = "m") -> Row:
    return chat(provider, 1, model, error=str(status), **{"http.response.status_code": status})


def guard(name: str, side: str, decision: str = "pass", rule: str = "", error: str = "") -> Row:
    attributes = {
        "openinference.span.kind": "GUARDRAIL",
        "handrail.guardrail.name": name,
        "handrail.guardrail.side": side,
        "handrail.guardrail.decision": decision,
        "handrail.guardrail.action": "redact" if name == "privacy" else "block",
        "handrail.guardrail.mode": "enforce",
        "handrail.guardrail.blocked": decision == "block",
        "handrail.guardrail.findings": 1 if rule else 0,
        **({"handrail.guardrail.rules": (rule,)} if rule else {}),
        **({"handrail.guardrail.error": error, "error.type": error} if error else {}),
    }
    return f"guardrail {name}", "INTERNAL", "ERROR" if error else "UNSET", attributes


IN = (guard("no-word", "input"), guard("privacy", "input"))
OUT = (guard("no-word", "output"), guard("privacy", "output"))
KEPT: dict[str, Any] = {"handrail.cache.status": "miss"}
HELLO = chat("good", 1, "gpt-4o", **TO_THE_END)
TREES: Mapping[str, tuple[dict[str, Any], dict[str, str], Sequence[Row]]] = {
    "whole": ({}, {}, (root(200, "ok", 11, 11, 11, **RELEASED), HELLO, *IN, *OUT)),
    "streamed": (
        {"stream": True},
        {},
        (
            root(200, "ok", 12, 12, 12, **RELEASED),
            chat("good", 1, "gpt-4o", **TO_THE_END, **STREAMED),
            *IN,
            *OUT,
        ),
    ),
    "blocked in": (
        {"content": "forbidden"},
        {},
        (root(446, "blocked_input"), guard("no-word", "input", "block", "denied_word"), IN[1]),
    ),
    "blocked out": (
        {"model": "@curses/m", "stream": True},
        {},
        (
            root(200, "blocked_output", SOME, SOME, SOME),
            chat("curses", 1, **ANSWERED, **FIRST_CHUNK),
            *IN,
            guard("no-word", "output", "block", "denied_word"),
            OUT[1],
        ),
    ),
    "redacted": (
        {"content": "a@example.com"},
        {},
        (
            root(200, "ok", 7, 7, 7, **RELEASED),
            HELLO,
            IN[0],
            guard("privacy", "input", "redact", "email"),
            *OUT,
        ),
    ),
    "provider's 4xx": (
        {"model": "@bad/m"},
        {},
        (root(400, "upstream_error"), failed("bad", 400), *IN),
    ),
    "provider's 5xx": (
        {"model": "@busy/m"},
        {},
        (root(503, "upstream_error", error="503"), failed("busy", 503), *IN),
    ),
    "timeout": (
        {"model": "@mute/m"},
        {},
        (
            root(504, "upstream_error", error="upstream_timeout"),
            chat("mute", 1, error="upstream_timeout"),
            *IN,
        ),
    ),
    "retry": (
        {},
        {"x-portkey-config": "again"},
        (
            root(200, "ok", 11, 11, 11, **RELEASED),
            failed("recovers", 429, "gpt-4o"),
            chat("recovers", 2, "gpt-4o", **TO_THE_END),
            *IN,
            *OUT,
        ),
    ),
    "fallback": (
        {},
        {"x-portkey-config": "over"},
        (
            root(200, "ok", 11, 11, 11, **RELEASED),
            failed("busy", 503, "gpt-4o"),
            chat("good", 2, "gpt-4o", **TO_THE_END),
            *IN,
            *OUT,
        ),
    ),
    "cache miss": (
        {},
        {"x-portkey-config": "kept"},
        (
            root(200, "ok", 11, 11, 11, **RELEASED, **KEPT),
            chat("good", 1, "gpt-4o", **TO_THE_END, **KEPT),
            *IN,
            *OUT,
        ),
    ),
    "cache hit": (
        {},
        {"x-portkey-config": "kept"},
        (root(200, "ok", 11, 11, 11, **RELEASED, **{"handrail.cache.status": "hit"}), *IN, *OUT),
    ),
    "guardrail's error": (
        {},
        {"x-handrail-guardrails": "broken"},
        (
            root(200, "ok", 11, 11, 11, **RELEASED),
            HELLO,
            *IN,
            guard("broken", "input", "error", error="ServiceUnreachable"),
            *OUT,
            guard("broken", "output", "error", error="ServiceUnreachable"),
        ),
    ),
    "nobody to ask": ({"model": "nobody-has-this"}, {}, (root(404, "rejected"), *IN)),
}
"""What differs from a plain question, headers, the tree: root, attempts, guardrails.

Where a provider failed before any answer there was nothing for output guardrails to hear: they say nothing.
"""
LEFT = (
    root(499, "cancelled", SOME, SOME, SOME, **RELEASED),
    chat("slow", 1, **ANSWERED, **FIRST_CHUNK),
    *IN,
    *OUT,
)
"""A caller who leaves ends the attempt without an error."""


@asynccontextmanager
async def gateway(
    folder: Path, received: Received, more: Mapping[str, str] | None = None, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint,
        "OTEL_BSP_SCHEDULE_DELAY": "20",
        "OTEL_METRICS_EXPORTER": "none",
        **(more or {}),
    }
    async with AsyncExitStack() as stack:
        urls = {
            name: (await stack.enter_async_context(Upstream(*answers))).base_url
            for name, answers in RUNNING.items()
        }
        service = serve(config_of(urls, folder, **settings), folder, environ=environ)
        running = await asyncio.to_thread(stack.enter_context, service)
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=running.url, timeout=20))


def row(span: SpanSeen, wanted: Row) -> Row:
    """Return a span as it is written above, with `SOME` for what cannot be known before."""
    attributes = dict(span.attributes)
    for name, value in span.attributes.items():
        if wanted[3].get(name) == SOME:
            assert value or "stream." in name, f"{name} of {span.name}"
            assert name not in MEASURED or value > 0
            attributes[name] = SOME
    return span.name, span.kind[len("SPAN_KIND_") :], span.status[len("STATUS_CODE_") :], attributes


def assert_tree(spans: Sequence[SpanSeen], wanted: Sequence[Row], parent: str = "") -> None:
    top, *children = spans
    assert top.parent_id == parent
    assert {child.parent_id for child in children} <= {top.span_id}
    assert len({span.span_id for span in spans}) == len(spans)
    assert [row(span, one) for span, one in zip(spans, wanted, strict=True)] == [*wanted]
    assert [*top.events] == [("handrail.guardrail.verdict", told) for told in verdicts_told(wanted)]
    assert not any(span.events for span in children)
    assert all(top.start_ns <= span.start_ns <= span.end_ns <= top.end_ns for span in spans)
    attempts = [span for span in children if span.kind == "SPAN_KIND_CLIENT"]
    assert all(one.end_ns <= other.start_ns for one, other in pairwise(attempts))


async def test_every_kind_of_exchange_is_one_whole_tree(tmp_path: Path) -> None:
    with http_collector() as received:
        collector = Collector(received)
        async with gateway(tmp_path, received) as client:
            for name, (said, headers, wanted) in TREES.items():
                reply = await ask(client, dict(said), headers)
                spans = await asyncio.to_thread(collector.trace, reply.headers["x-portkey-trace-id"])
                assert reply.headers["traceparent"].split("-")[2] == spans[0].span_id, name
                assert_tree(spans, wanted)
            await ask(client, {}, {"traceparent": CALLER})
            spans = await asyncio.to_thread(collector.trace, CALLER_TRACE_ID)
            assert_tree(spans, TREES["whole"][2], parent=CALLER_SPAN_ID)
            spans = await asyncio.to_thread(collector.trace, await _leave(client))
            assert_tree(spans, LEFT)
        assert len({span.trace_id for span in received.spans}) == len(TREES) + 2, "no trace beside these"
        trees = [*(one[2] for one in TREES.values()), TREES["whole"][2], LEFT]
        assert len(received.spans) == sum(map(len, trees))


async def _leave(client: httpx.AsyncClient) -> str:
    """Leave in the middle of an answer; return the id of its trace."""
    document = {"model": "@slow/m", "messages": [{"role": "user", "content": "go"}], "stream": True}
    async with client.stream("POST", "/v1/chat/completions", json=document) as response:
        await anext(response.aiter_bytes())
    return response.headers["x-portkey-trace-id"]
