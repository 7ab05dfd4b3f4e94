"""What is exported of real exchanges where the sampler, or the caller, leaves everything out."""

import asyncio
from pathlib import Path

from tests.bench.kept_traces import KINDS, judged, measured
from tests.e2e.otlp import Collector
from tests.e2e.rows import Database
from tests.e2e.test_metrics import ask
from tests.e2e.test_traces import TREES, assert_tree, gateway
from tests.telemetry.receiver import http_collector
from tests.telemetry.spans import CALLER_SPAN_ID, CALLER_UNSAMPLED

KEPT = ("blocked in", "blocked out", "provider's 5xx")
NOT_KEPT = ("whole", "streamed", "fallback", "nobody to ask")


async def test_blocked_and_failed_exchanges_are_whole_traces_and_others_none(tmp_path: Path) -> None:
    record = Database(f"sqlite:///{tmp_path}/record.db")
    with http_collector() as received:
        collector = Collector(received)
        environ = {"OTEL_TRACES_SAMPLER": "always_off"}
        async with gateway(tmp_path, received, environ, traces={"keep": ["blocked", "failed"]}) as client:
            for name in (*NOT_KEPT, *KEPT):
                said, headers, wanted = TREES[name]
                asked = headers | ({"traceparent": CALLER_UNSAMPLED} if name == KEPT[0] else {})
                reply = await ask(client, dict(said), asked)
                assert int(reply.headers["traceparent"][-2:], 16) & 1 == 0, "told before the end"
                row = await asyncio.to_thread(record.exchange, reply.headers["x-request-id"])
                assert bool(row["trace_sampled"]) is (name in KEPT), name
                if name in KEPT:
                    trace_id = reply.headers["x-portkey-trace-id"]
                    spans = await asyncio.to_thread(collector.trace, trace_id)
                    assert_tree(spans, wanted, CALLER_SPAN_ID if name == KEPT[0] else "")
        assert len({span.trace_id for span in received.spans}) == len(KEPT), "no trace beside these"


async def test_slow_exchanges_are_kept_where_the_setting_says_what_slow_is(tmp_path: Path) -> None:
    with http_collector() as received:
        collector = Collector(received)
        environ = {"OTEL_TRACES_SAMPLER": "always_off"}
        async with gateway(tmp_path, received, environ, traces={"keep": ["slow"], "slow_ms": 100}) as client:
            reply = await ask(client, {"model": "@mute/m"}, {})  # silent until its 200 ms are over
            spans = await asyncio.to_thread(collector.trace, reply.headers["x-portkey-trace-id"])
            assert_tree(spans, TREES["timeout"][2])


async def test_under_load_all_that_matters_arrives_whole_and_of_the_rest_about_the_ratio(
    tmp_path: Path,
) -> None:
    report = await measured(tmp_path, exchanges=300, connections=16)
    assert judged(report) == []
    assert all(report.asked[kind] for kind in KINDS)
