from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from telemetry.otlp import SpanEncoder

RESOURCE = Resource({"service.name": "handrail", "replicas": 3, "tags": ("a", "b")})
SCOPE = InstrumentationScope("handrail", "1.2.3")

text = st.text(max_size=12) | st.sampled_from(["", "x" * 64, "x" * 65, "x" * 127, "x" * 128, "é" * 9_000])
scalars = (
    text
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.sampled_from([0, 1, True, False, 0.0, 1.0, -0.0, "0", "1"])
)
values = scalars | st.lists(scalars, max_size=3).map(tuple) | st.lists(text, max_size=2)
attributes = st.dictionaries(
    st.sampled_from(["a", "b", "http.route", "k" * 130, ""]) | text, values, max_size=5
)
moments = st.integers(0, 2**64 - 1)
contexts = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.integers(0, 255).map(TraceFlags),
    st.sampled_from([None, TraceState([("vendor", "abc"), ("other", "1")])]),
)
spans = st.builds(
    ReadableSpan,
    name=text,
    context=contexts,
    parent=st.none() | contexts,
    resource=st.sampled_from([RESOURCE, Resource({}, "https://example.org/schema")]),
    attributes=attributes,
    events=st.lists(st.builds(Event, text, attributes, moments), max_size=2),
    kind=st.sampled_from(SpanKind),
    status=st.sampled_from(
        [Status(), Status(StatusCode.ERROR), Status(StatusCode.ERROR, "why"), Status(StatusCode.OK)]
    ),
    start_time=moments,
    end_time=moments,
    instrumentation_scope=st.sampled_from(
        [None, SCOPE, InstrumentationScope("", ""), InstrumentationScope("a", None, "https://s", {"b": 1})]
    ),
)


def ordered(spans: list[ReadableSpan]) -> list[ReadableSpan]:
    """Put the spans of one resource and scope side by side, as the SDK's encoder does."""
    groups: dict[object, dict[object, list[ReadableSpan]]] = {}
    for span in spans:
        groups.setdefault(span.resource, {}).setdefault(span.instrumentation_scope, []).append(span)
    return [span for scopes in groups.values() for group in scopes.values() for span in group]


def flat(request: ExportTraceServiceRequest) -> list[tuple[Any, ...]]:
    """Return every span with its resource and scope: a resource may stand in several groups."""
    return [
        (group.resource, group.schema_url, scope.scope, scope.schema_url, span)
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def read(encoder: SpanEncoder, *batch: ReadableSpan) -> ExportTraceServiceRequest:
    request: ExportTraceServiceRequest = ExportTraceServiceRequest.FromString(encoder.encode(batch))
    return request


@given(st.lists(spans, max_size=5), st.lists(spans, max_size=3))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_batch_says_what_the_sdks_encoder_says(
    first: list[ReadableSpan], second: list[ReadableSpan]
) -> None:
    encoder = SpanEncoder()

    for batch in (first, second, first):
        assert flat(read(encoder, *ordered(batch))) == flat(encode_spans(batch))


def span(**given_attributes: Any) -> ReadableSpan:
    return ReadableSpan(
        "a",
        SpanContext(1, 2, is_remote=False),
        attributes=given_attributes,
        resource=RESOURCE,
        instrumentation_scope=SCOPE,
        start_time=1,
        end_time=2,
    )


def test_a_batch_of_one_service_is_the_same_message_to_the_last_field() -> None:
    batch = [span(a=1), span(b=("x",)), span(c="é")]

    assert read(SpanEncoder(), *batch) == encode_spans(batch)


def test_values_that_are_equal_in_python_keep_their_types() -> None:
    encoder = SpanEncoder()
    batch = [
        span(key=value) for value in (1, True, 1.0, "1", 0, False, 0.0, -0.0, ("1",), ["1"], (1,), (True,))
    ]

    for _ in range(2):
        assert read(encoder, *batch) == encode_spans(batch)
        assert read(encoder, *reversed(batch)) == encode_spans(batch[::-1])


def test_what_is_remembered_is_bounded_and_forgetting_loses_nothing() -> None:
    encoder = SpanEncoder()
    batch = [span(id=f"id-{number}", route="/v1") for number in range(10_000)]

    assert read(encoder, *batch) == encode_spans(batch)
    assert len(encoder._pairs) <= 4096


def test_a_batch_without_spans_is_an_empty_message() -> None:
    assert SpanEncoder().encode([]) == b""


@pytest.mark.parametrize("value", [b"bytes", {"a": 1}, None, object(), "\ud800", 2**70])
def test_a_value_that_a_span_cannot_have_does_not_lose_the_batch(value: object) -> None:
    request = read(SpanEncoder(), span(odd=value), span(fine=1))

    (_, _, _, _, odd), (_, _, _, _, fine) = flat(request)
    assert odd.attributes[0].key == "odd"
    assert fine.attributes[0].value.int_value == 1
