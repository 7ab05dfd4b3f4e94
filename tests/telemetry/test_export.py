import io
import json
import logging
import threading
import time
from collections.abc import Mapping

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.sampling import DEFAULT_ON

from telemetry import build_tracer, configure
from telemetry.export import QuickExporter
from telemetry.spans import SpanAssembly
from telemetry.tracer import NotedTrace, Tracer
from tests.telemetry.logs import KeptLog
from tests.telemetry.receiver import Received, closed_port, grpc_collector, http_collector, silent_collector
from tests.telemetry.spans import CALLER, CALLER_SPAN_ID, CALLER_TRACE_ID, CALLER_UNSAMPLED

pytestmark = pytest.mark.usefixtures("logging_restored")

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
    which = value.WhichOneof("value")
    if which == "array_value":
        return tuple(plain(item) for item in value.array_value.values)
    return getattr(value, which or "string_value")


def attributes_of(pairs: list[KeyValue]) -> dict[str, object]:
    return {pair.key: plain(pair.value) for pair in pairs}


def row(span: Span) -> tuple[object, ...]:
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
    *children, root = received.spans
    assert [row(span) for span in received.spans] == ROWS
    assert {span.trace_id.hex() for span in received.spans} == {trace.trace_id}
    assert root.span_id.hex() == trace.root.span_id
    assert {span.parent_span_id for span in children} == {root.span_id}
    assert len({span.span_id for span in received.spans}) == 4


@pytest.mark.parametrize("compression", ["gzip", "deflate", "none", ""])
def test_a_trace_arrives_whole_over_http(compression: str) -> None:
    log = KeptLog()
    with http_collector() as received:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc",
            "OTEL_EXPORTER_OTLP_COMPRESSION": compression,
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        }
        tracer = build_tracer(environ, "1.2.3", log)
        trace = exchange(tracer)
        assert tracer.shutdown()

    assert_whole(received, trace)
    ((path, headers, request),) = received.requests
    assert path == "/v1/traces"
    assert headers["content-type"] == "application/x-protobuf"
    assert headers.get("content-encoding", "none") == (compression or "gzip")
    assert headers["authorization"] == "Bearer abc"
    (resource,) = request.resource_spans
    service = attributes_of(list(resource.resource.attributes))
    assert service["service.name"] == "handrail"
    assert service["service.version"] == "1.2.3"
    assert service["deployment.environment.name"] == "test"
    assert service["service.instance.id"]
    (scope,) = resource.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("handrail", "1.2.3")
    assert not log.lines


def test_a_trace_arrives_whole_over_grpc() -> None:
    log = KeptLog()
    with grpc_collector() as received:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a",
        }
        tracer = build_tracer(environ, "1.2.3", log)
        trace = exchange(tracer)
        assert tracer.shutdown()

    assert_whole(received, trace)
    assert received.requests[0][1]["x-tenant"] == "a"
    assert not log.lines


def test_the_callers_trace_goes_on_in_what_arrives() -> None:
    with http_collector() as received:
        tracer = build_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint}, "1", KeptLog())
        exchange(tracer, {"traceparent": CALLER, "tracestate": "vendor=abc"})
        exchange(tracer, {"traceparent": CALLER_UNSAMPLED})
        tracer.shutdown()

    *children, root = received.spans
    assert len(children) == 3
    assert {span.trace_id.hex() for span in received.spans} == {CALLER_TRACE_ID}
    assert root.parent_span_id.hex() == CALLER_SPAN_ID
    assert {span.trace_state for span in received.spans} == {"vendor=abc"}
    assert root.flags == 0x300, "has a parent that is remote"
    assert {span.flags for span in children} == {0x100}, "have a parent that is not"


def test_spans_go_out_while_the_gateway_runs() -> None:
    with http_collector() as received:
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "20"}
        tracer = build_tracer(environ, "1", KeptLog())
        exchange(tracer)
        received.wait_for(4)
        tracer.shutdown()


def test_a_ratio_of_zero_exports_nothing_while_ids_stay_real() -> None:
    with http_collector() as received:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint,
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0",
        }
        tracer = build_tracer(environ, "1", KeptLog())
        first, second = exchange(tracer), exchange(tracer)
        tracer.shutdown()

    assert not received.requests
    assert (first.sampled, second.sampled) == (False, False)
    assert first.traceparent == f"00-{first.trace_id}-{first.root.span_id}-02"
    assert len({first.trace_id, second.trace_id, "0" * 32}) == 3


def test_without_an_endpoint_nothing_runs_and_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    threads, log = threading.active_count(), KeptLog()
    tracer = build_tracer({}, "1", log)
    trace = exchange(tracer)

    assert threading.active_count() == threads
    assert tracer.shutdown(0)
    assert not log.lines
    assert capfd.readouterr() == ("", "")
    assert not trace.sampled
    assert int(trace.trace_id, 16)


def test_the_console_gets_a_line_a_span(capsys: pytest.CaptureFixture[str]) -> None:
    tracer = build_tracer({"OTEL_TRACES_EXPORTER": "console"}, "1", KeptLog())
    trace = exchange(tracer)
    tracer.shutdown()

    spans = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [span["name"] for span in spans] == [name for name, *_ in ROWS]
    assert spans[-1]["context"]["trace_id"] == f"0x{trace.trace_id}"


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("silent", [True, False])
def test_shutdown_is_done_in_three_seconds_with_a_collector_that_is_dead(protocol: str, silent: bool) -> None:
    log = KeptLog()
    with silent_collector() as endpoint:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint if silent else closed_port(),
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1",
        }
        tracer = build_tracer(environ, "1", log)
        for _ in range(10):
            exchange(tracer)
        begun = time.monotonic()
        tracer.shutdown(1)
        took_s = time.monotonic() - begun
        for thread in [found for found in threading.enumerate() if found.name.startswith("OtelBatch")]:
            thread.join(1)
            assert not thread.is_alive(), "what was not sent is given up"

    assert took_s < 1.5
    assert [line[:2] for line in log.lines] == [("warning", "traces cannot be delivered")]


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
def test_a_collector_that_refuses_is_one_line(status: int) -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    with http_collector(status) as received:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint.replace("//", "//me:sk-secret@"),
            "OTEL_BSP_SCHEDULE_DELAY": "1",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "0.2",
        }
        tracer = build_tracer(environ, "1")
        for _ in range(3):
            exchange(tracer)
            time.sleep(0.02)
        tracer.shutdown()

    (line,) = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (line["level"], line["event"]) == ("warning", "traces cannot be delivered")
    assert line["reason"]
    assert "sk-secret" not in stream.getvalue()


def test_more_than_the_queue_holds_is_dropped_and_said() -> None:
    log = KeptLog()
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": closed_port(),
        "OTEL_BSP_MAX_QUEUE_SIZE": "4",
        "OTEL_BSP_SCHEDULE_DELAY": "60000",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.1",
    }
    tracer = build_tracer(environ, "1", log)
    for _ in range(5):
        exchange(tracer)
    tracer.shutdown()

    assert [line[1] for line in log.lines] == ["traces cannot be delivered"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "abc"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", 'authorization="sk-secret";'),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "zip"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file"),
        ("OTEL_PYTHON_EXPORTER_OTLP_GRPC_CREDENTIAL_PROVIDER", "nobody"),
        ("OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER", "nobody"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "abc"),
        ("OTEL_RESOURCE_ATTRIBUTES", "nonsense"),
        ("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "nobody"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "abc"),
    ],
)
@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_no_variable_that_the_sdk_reads_itself_stops_us(
    protocol: str,
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(variable, value)
    log = KeptLog()
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": closed_port().replace("http:", "https:"),
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.1",
        variable: value,
    }
    with caplog.at_level(logging.DEBUG):
        tracer = build_tracer(environ, "1", log)
        exchange(tracer)
        tracer.shutdown(1)

    assert "sk-secret" not in caplog.text + repr(log.lines)


def test_our_encoder_is_at_work() -> None:
    exporter = QuickExporter(
        endpoint=f"{closed_port()}/v1/traces", headers={}, timeout_s=1, compression=Compression.Gzip
    )

    assert exporter.quick, "the SDK has moved the name that sends bytes: find the new one"


def test_a_trace_arrives_whole_where_the_sdk_has_moved_its_private_name() -> None:
    with http_collector() as received:
        exporter = QuickExporter(
            endpoint=f"{received.endpoint}/v1/traces", headers={}, timeout_s=1, compression=Compression.Gzip
        )
        exporter._send = None
        tracer = Tracer(
            sampler=DEFAULT_ON,
            assembly=SpanAssembly(resource=Resource({}), version="1"),
            processors=(SimpleSpanProcessor(exporter),),
        )
        trace = exchange(tracer)
        tracer.shutdown()

    assert_whole(received, trace)
