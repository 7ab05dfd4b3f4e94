"""What of that which a sampler left out is exported all the same."""

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON

from telemetry.keeping import Ending, Keeping, KeepReason
from tests.telemetry.spans import (
    CALLER_SPAN_ID,
    CALLER_TRACE_ID,
    CALLER_UNSAMPLED,
    KeptSpans,
    tracer,
    value_of,
)

SLOW_NS = 1_000


@pytest.mark.parametrize("reason", ["blocked", "failed", "slow"])
@pytest.mark.parametrize("ending", [None, "blocked", "failed"])
@pytest.mark.parametrize("took_ns", [SLOW_NS - 1, SLOW_NS])
def test_a_trace_is_kept_for_each_reason_alone(
    reason: KeepReason, ending: Ending | None, took_ns: int
) -> None:
    spans = KeptSpans()
    keeping = Keeping(frozenset({reason}), SLOW_NS)
    trace = tracer(spans, sampler=ALWAYS_OFF, keeping=keeping).start("POST /v1/x", "server", 5, {}, {"a": 1})
    assert (trace.recording, trace.sampled) == (True, False)
    note = trace.span("chat m", "client", 6, {})
    told = trace.traceparent
    trace.settle(ending, 5 + took_ns)
    trace.end(5 + took_ns)

    wanted = took_ns >= SLOW_NS if reason == "slow" else ending == reason
    assert trace.sampled is wanted
    assert trace.traceparent == told
    assert told.endswith("-02"), "random, not sampled"
    assert [span.context.span_id for span in spans.spans] == (
        [int(note.span_id, 16), int(trace.root.span_id, 16)] if wanted else []
    )
    assert all(span.context.trace_flags == 0x03 for span in spans.spans)
    assert all(value_of(span).trace_id == trace.trace_id for span in spans.spans)


def test_nothing_is_noted_or_kept_unless_a_reason_is_given() -> None:
    spans = KeptSpans()
    trace = tracer(spans, sampler=ALWAYS_OFF).start("POST /v1/x", "server", 1, {}, {})
    trace.settle("failed", 10**12)
    trace.end(10**12)

    assert (trace.recording, trace.sampled, spans.spans) == (False, False, [])


def test_nothing_is_kept_where_nobody_would_see_it() -> None:
    trace = tracer(keeping=Keeping(frozenset({"failed"}))).start("POST /v1/x", "server", 1, {}, {})
    trace.settle("failed", 2)

    assert (trace.recording, trace.sampled) == (False, False)


def test_a_sampled_trace_goes_out_however_it_ended() -> None:
    spans = KeptSpans()
    trace = tracer(spans, keeping=Keeping(frozenset({"failed"}))).start("POST /v1/x", "server", 1, {}, {})
    trace.settle(None, 2)
    trace.end(2)

    assert (trace.sampled, len(spans.spans)) == (True, 1)


def test_a_callers_not_sampled_is_overridden_in_its_own_trace() -> None:
    spans = KeptSpans()
    carrier = {"traceparent": CALLER_UNSAMPLED, "tracestate": "vendor=abc"}
    keeping = Keeping(frozenset({"blocked"}))
    for ending in (None, "blocked"):
        trace = tracer(spans, sampler=DEFAULT_ON, keeping=keeping).start(
            "POST /v1/x", "server", 1, carrier, {}
        )
        trace.settle(ending, 2)
        trace.end(2)

    (span,) = spans.spans
    assert (value_of(span).trace_id, value_of(span).parent_id) == (CALLER_TRACE_ID, CALLER_SPAN_ID)
    assert dict(span.context.trace_state) == {"vendor": "abc"}
    assert span.context.trace_flags.sampled
