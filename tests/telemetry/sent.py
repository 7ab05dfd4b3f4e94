"""An exchange to be exported, and what must arrive of it."""

from collections.abc import Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from telemetry.tracer import NotedTrace, Tracer
from tests.telemetry.receiver import Received

NOW_NS = 1_700_000_000_000_000_000


def exchange(tracer: Tracer, carrier: Mapping[str, str] | None = None) -> NotedTrace:
    """Trace an exchange with a guardrail, an attempt that fails and one that does not."""
    trace = tracer.start(
        "POST /v1/chat/completions", "server", NOW_NS, carrier or {}, {"http.request.method": "POST"}
    )
    guard = trace.span("guardrail no-secrets", "internal", NOW_NS + 1, {"handrail.guardrail.blocked": False})
    guard.events.append(("handrail.guardrail.verdict", NOW_NS + 2, {"handrail.guardrail.decision": "pass"}))
    guard.end_ns = NOW_NS + 2
    failed = trace.span("chat m", "client", NOW_NS + 3, {"handrail.attempt": 1})
    failed.error_type, failed.end_ns = "429", NOW_NS + 4
    trace.span("chat m", "client", NOW_NS + 5, {"gen_ai.response.finish_reasons": ("stop",), "share": 0.5})
    trace.end(NOW_NS + 9)
    return trace


def plain(value: AnyValue) -> object:
    """Return what an attribute holds."""
    which = value.WhichOneof("value")
    if which == "array_value":
        return tuple(plain(item) for item in value.array_value.values)
    return getattr(value, which or "string_value")


def attributes_of(pairs: list[KeyValue]) -> dict[str, object]:
    """Return attributes as a mapping."""
    return {pair.key: plain(pair.value) for pair in pairs}


def row(span: Span) -> tuple[object, ...]:
    """Return a span with everything but its ids, times counted from `NOW_NS`."""
    return (
        span.name,
        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        span.start_time_unix_nano - NOW_NS,
        span.end_time_unix_nano - NOW_NS,
        attributes_of(list(span.attributes)),
        Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_"),
        [
            (event.name, event.time_unix_nano - NOW_NS, attributes_of(list(event.attributes)))
            for event in span.events
        ],
    )


ROWS = [
    (
        "guardrail no-secrets",
        "INTERNAL",
        1,
        2,
        {"handrail.guardrail.blocked": False},
        "UNSET",
        [("handrail.guardrail.verdict", 2, {"handrail.guardrail.decision": "pass"})],
    ),
    ("chat m", "CLIENT", 3, 4, {"handrail.attempt": 1, "error.type": "429"}, "ERROR", []),
    ("chat m", "CLIENT", 5, 9, {"gen_ai.response.finish_reasons": ("stop",), "share": 0.5}, "UNSET", []),
    ("POST /v1/chat/completions", "SERVER", 0, 9, {"http.request.method": "POST"}, "UNSET", []),
]


def assert_whole(received: Received, trace: NotedTrace) -> None:
    """Check that the spans of `exchange` are there, whole, in one tree."""
    *children, root = received.spans
    assert [row(span) for span in received.spans] == ROWS
    assert {span.trace_id.hex() for span in received.spans} == {trace.trace_id}
    assert root.span_id.hex() == trace.root.span_id
    assert {span.parent_span_id for span in children} == {root.span_id}
    assert len({span.span_id for span in received.spans}) == 4
