import json
import threading

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.sampling import DEFAULT_ON

from telemetry import build_tracer
from telemetry.export import QuickExporter
from telemetry.spans import SpanAssembly
from telemetry.tracer import Tracer
from tests.telemetry.logs import KeptLog
from tests.telemetry.receiver import closed_port, grpc_collector, http_collector
from tests.telemetry.sent import ROWS, assert_whole, attributes_of, exchange
from tests.telemetry.spans import CALLER, CALLER_SPAN_ID, CALLER_TRACE_ID, CALLER_UNSAMPLED

pytestmark = pytest.mark.usefixtures("logging_restored")


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
