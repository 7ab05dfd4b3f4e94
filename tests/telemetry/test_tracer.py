import random
import re
import threading
import time

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    DEFAULT_ON,
    Sampler,
)

from telemetry.spans import SpanAssembly
from telemetry.trace import Trace
from telemetry.tracer import Tracer
from tests.telemetry.spans import (
    CALLER,
    CALLER_SPAN_ID,
    CALLER_TRACE_ID,
    KeptSpans,
    SpanValue,
    tracer,
    value_of,
)


def test_a_whole_exchange_becomes_one_tree_of_spans() -> None:
    kept = KeptSpans()
    trace = tracer(kept).start("POST /v1/chat/completions", "server", 1_000, {}, {"http.route": "/v1"})
    guard = trace.span("guardrail no-secrets", "internal", 1_100, {"handrail.guardrail.side": "input"})
    guard.end_ns = 1_200
    guard.events.append(("decided", 1_190, {"handrail.guardrail.decision": "pass"}))
    failed = trace.span("chat gpt-4o-mini", "client", 1_300, {"handrail.attempt": 1})
    failed.error_type, failed.end_ns = "upstream_timeout", 1_500
    second = trace.span("chat gpt-4o-mini", "client", 1_500, {"handrail.attempt": 2})
    second.attributes["gen_ai.response.finish_reasons"] = ("stop",)
    trace.root.attributes["handrail.outcome"] = "ok"
    trace.end(2_000)

    assert [value_of(span) for span in kept.spans] == [
        SpanValue(
            name="guardrail no-secrets",
            kind="INTERNAL",
            trace_id="0" * 31 + "1",
            span_id="0" * 15 + "2",
            parent_id="0" * 15 + "1",
            start_ns=1_100,
            end_ns=1_200,
            attributes={"handrail.guardrail.side": "input"},
            events=(("decided", 1_190, {"handrail.guardrail.decision": "pass"}),),
        ),
        SpanValue(
            name="chat gpt-4o-mini",
            kind="CLIENT",
            trace_id="0" * 31 + "1",
            span_id="0" * 15 + "3",
            parent_id="0" * 15 + "1",
            start_ns=1_300,
            end_ns=1_500,
            attributes={"handrail.attempt": 1, "error.type": "upstream_timeout"},
            status="ERROR",
        ),
        SpanValue(
            name="chat gpt-4o-mini",
            kind="CLIENT",
            trace_id="0" * 31 + "1",
            span_id="0" * 15 + "4",
            parent_id="0" * 15 + "1",
            start_ns=1_500,
            end_ns=2_000,
            attributes={"handrail.attempt": 2, "gen_ai.response.finish_reasons": ("stop",)},
        ),
        SpanValue(
            name="POST /v1/chat/completions",
            kind="SERVER",
            trace_id="0" * 31 + "1",
            span_id="0" * 15 + "1",
            parent_id=None,
            start_ns=1_000,
            end_ns=2_000,
            attributes={"http.route": "/v1", "handrail.outcome": "ok"},
        ),
    ]


def test_a_trace_keeps_the_shape_the_project_talks_to() -> None:
    trace: Trace = tracer().start("POST /v1/x", "server", 1, {}, {})

    assert re.fullmatch(r"[0-9a-f]{32}", trace.trace_id)
    assert re.fullmatch(r"[0-9a-f]{16}", trace.root.span_id)


def test_the_spans_say_who_speaks() -> None:
    kept = KeptSpans()
    tracer(kept).start("POST /v1/x", "server", 1, {}, {}).end(2)

    (span,) = kept.spans
    assert span.resource.attributes == {"service.name": "handrail"}
    assert span.instrumentation_scope is not None
    assert (span.instrumentation_scope.name, span.instrumentation_scope.version) == ("handrail", "1.2.3")


def test_the_callers_trace_goes_on_under_its_span() -> None:
    kept = KeptSpans()
    carrier = {"traceparent": CALLER, "tracestate": "vendor=abc"}
    trace = tracer(kept).start("POST /v1/x", "server", 1, carrier, {})
    trace.span("chat m", "client", 2, {})
    trace.end(3)

    child, root = kept.spans
    assert trace.trace_id == CALLER_TRACE_ID
    assert root.parent is not None
    assert root.parent.is_remote
    assert value_of(root).parent_id == CALLER_SPAN_ID
    assert child.parent is not None
    assert not child.parent.is_remote
    assert value_of(child).parent_id == trace.root.span_id
    assert {span.context.trace_id for span in kept.spans} == {int(CALLER_TRACE_ID, 16)}
    assert [dict(span.context.trace_state) for span in kept.spans] == [{"vendor": "abc"}] * 2


def test_a_malformed_caller_context_begins_a_new_trace() -> None:
    trace = tracer(KeptSpans()).start("POST /v1/x", "server", 1, {"traceparent": CALLER.upper()}, {})

    assert trace.trace_id == "0" * 31 + "1"
    assert trace.sampled


@pytest.mark.parametrize("processors", [(), (KeptSpans(),)])
def test_traceparent_names_our_root_span_and_is_read_back_as_such(
    processors: tuple[SpanProcessor, ...],
) -> None:
    ours = tracer(*processors).start("POST /v1/x", "server", 1, {}, {})
    kept = KeptSpans()
    theirs = tracer(kept, sampler=ALWAYS_ON).start(
        "downstream", "server", 1, {"traceparent": ours.traceparent}, {}
    )
    theirs.end(2)

    assert ours.traceparent == f"00-{ours.trace_id}-{ours.root.span_id}-{'03' if processors else '02'}"
    assert theirs.trace_id == ours.trace_id
    assert value_of(kept.spans[0]).parent_id == ours.root.span_id


def test_a_trace_ends_once() -> None:
    kept = KeptSpans()
    trace = tracer(kept).start("POST /v1/x", "server", 1, {}, {})
    trace.end(5)
    trace.end(9)
    trace.span("late", "internal", 6, {})

    assert [value_of(span).end_ns for span in kept.spans] == [5]


def test_what_is_noted_after_the_end_does_not_reach_the_exporter() -> None:
    kept = KeptSpans()
    attributes: dict[str, str | bool | int | float | tuple[str, ...]] = {"a": 1}
    trace = tracer(kept).start("POST /v1/x", "server", 1, {}, attributes)
    attributes["b"] = 2
    trace.end(5)
    trace.root.attributes["c"] = 3

    assert dict(kept.spans[0].attributes or {}) == {"a": 1}


@pytest.mark.parametrize("sampler", [ALWAYS_ON, ALWAYS_OFF])
def test_an_unknown_kind_is_an_error_whether_sampled_or_not(sampler: Sampler) -> None:
    made = tracer(KeptSpans(), sampler=sampler)

    with pytest.raises(ValueError, match="'consumer' is no kind of span"):
        made.start("POST /v1/x", "consumer", 1, {}, {})
    with pytest.raises(ValueError, match="server, client, internal"):
        made.start("POST /v1/x", "server", 1, {}, {}).span("chat m", "", 1, {})


def test_shutdown_stops_every_processor() -> None:
    first, second = KeptSpans(), KeptSpans()

    assert tracer(first, second).shutdown(1)
    assert (first.stopped, second.stopped) == (True, True)


def test_shutdown_of_a_tracer_without_processors_is_done_at_once_and_starts_no_thread() -> None:
    before = threading.active_count()

    assert tracer().shutdown(0)
    assert threading.active_count() == before


class Stuck(SpanProcessor):
    """Does not come back from `shutdown` until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def shutdown(self) -> None:
        self.let_go.wait()


def test_shutdown_does_not_wait_longer_than_it_was_told() -> None:
    stuck = Stuck()
    begun = time.monotonic()

    assert not tracer(stuck).shutdown(0.05)
    assert time.monotonic() - begun < 1
    stuck.let_go.set()


def test_ids_do_not_repeat_where_the_program_seeds_its_random_numbers() -> None:
    made = Tracer(sampler=DEFAULT_ON, assembly=SpanAssembly(resource=Resource({}), version="1"))
    random.seed(1)
    first = made.start("a", "server", 1, {}, {}).trace_id
    random.seed(1)

    assert made.start("a", "server", 1, {}, {}).trace_id != first
