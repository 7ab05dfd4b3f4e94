from collections.abc import Mapping, Sequence

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    DEFAULT_OFF,
    DEFAULT_ON,
    Decision,
    ParentBasedTraceIdRatio,
    Sampler,
    SamplingResult,
)
from opentelemetry.trace import Link, SpanKind, TraceState, get_current_span
from opentelemetry.util.types import Attributes

from telemetry.spans import SpanAssembly
from telemetry.tracer import Tracer
from tests.telemetry.spans import (
    CALLER,
    CALLER_TRACE_ID,
    CALLER_UNSAMPLED,
    KeptSpans,
    tracer,
    value_of,
)


@pytest.mark.parametrize(
    ("sampler", "caller", "sampled"),
    [
        (DEFAULT_ON, None, True),
        (DEFAULT_OFF, None, False),
        (DEFAULT_ON, CALLER, True),
        (DEFAULT_OFF, CALLER, True),
        (DEFAULT_ON, CALLER_UNSAMPLED, False),
        (ALWAYS_ON, CALLER_UNSAMPLED, True),
        (ALWAYS_OFF, CALLER, False),
        (ParentBasedTraceIdRatio(0), None, False),
        (ParentBasedTraceIdRatio(1), None, True),
    ],
)
def test_the_sampler_and_the_callers_decision_are_respected(
    sampler: Sampler, caller: str | None, sampled: bool
) -> None:
    kept = KeptSpans()
    carrier = {} if caller is None else {"traceparent": caller}
    trace = tracer(kept, sampler=sampler).start("POST /v1/x", "server", 1, carrier, {})
    trace.span("chat m", "client", 2, {})
    trace.end(3)

    assert trace.sampled is sampled
    assert len(kept.spans) == (2 if sampled else 0)
    assert int(trace.traceparent[-2:], 16) & 1 == sampled


def test_a_caller_that_is_not_trusted_neither_joins_nor_decides() -> None:
    kept = KeptSpans()
    carrier = {"traceparent": CALLER_UNSAMPLED, "tracestate": "vendor=abc"}
    trace = tracer(kept, trust="ignore").start("POST /v1/x", "server", 1, carrier, {})
    trace.end(2)

    assert trace.trace_id != CALLER_TRACE_ID
    assert trace.sampled
    assert kept.spans[0].parent is None
    assert not kept.spans[0].context.trace_state


def test_the_random_flag_is_ours_for_our_ids_and_the_callers_for_the_callers() -> None:
    made = tracer(KeptSpans())

    assert made.start("a", "server", 1, {}, {}).traceparent.endswith("-03")
    assert made.start("a", "server", 1, {"traceparent": CALLER}, {}).traceparent.endswith("-01")
    assert made.start("a", "server", 1, {"traceparent": CALLER[:-2] + "03"}, {}).traceparent.endswith("-03")


def test_without_anywhere_to_go_nothing_is_sampled_but_ids_are_real() -> None:
    quiet = Tracer(
        sampler=DEFAULT_ON, assembly=SpanAssembly(resource=Resource({}), version="1"), processors=()
    )
    traces = [quiet.start("POST /v1/x", "server", 1, {}, {}) for _ in range(1_000)]
    span_ids = {trace.span("chat m", "client", 2, {}).span_id for trace in traces}

    assert not any(trace.sampled for trace in traces)
    assert len({trace.trace_id for trace in traces}) == 1_000
    assert len(span_ids | {trace.root.span_id for trace in traces}) == 2_000
    assert all(int(span_id, 16) for span_id in span_ids)


class Watchful(Sampler):
    """Notes what it is asked, and adds an attribute of its own."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str, SpanKind | None, Attributes, bool]] = []

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        self.asked.append((trace_id, name, kind, dict(attributes or {}), parent.is_valid))
        return SamplingResult(Decision.RECORD_AND_SAMPLE, {"sampling.rule": "all"}, TraceState([("s", "1")]))

    def get_description(self) -> str:
        return "Watchful"


def test_the_sampler_sees_what_is_known_at_the_start_and_may_add_to_it() -> None:
    kept, sampler = KeptSpans(), Watchful()
    attributes: Mapping[str, str] = {"http.request.method": "POST"}
    tracer(kept, sampler=sampler).start("POST /v1/x", "server", 1, {}, attributes).end(2)

    assert sampler.asked == [(1, "POST /v1/x", SpanKind.SERVER, {"http.request.method": "POST"}, False)]
    assert value_of(kept.spans[0]).attributes == {"http.request.method": "POST", "sampling.rule": "all"}
    assert dict(kept.spans[0].context.trace_state) == {"s": "1"}


def test_a_span_that_others_have_opened_is_not_our_parent() -> None:
    sampler = Watchful()
    tracer(KeptSpans(), sampler=sampler).start("POST /v1/x", "server", 1, {"traceparent": CALLER}, {})
    tracer(KeptSpans(), sampler=sampler).start("POST /v1/x", "server", 1, {}, {})

    assert [asked[-1] for asked in sampler.asked] == [True, False]
