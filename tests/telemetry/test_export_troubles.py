import io
import json
import logging
import threading
import time

import pytest

from telemetry import build_tracer, configure, stop_together
from telemetry import instruments as of
from telemetry.metric_export import build_metric_export
from telemetry.metrics import Metrics
from tests.telemetry.logs import KeptLog
from tests.telemetry.receiver import closed_port, dead_collector, http_collector
from tests.telemetry.sent import exchange

pytestmark = pytest.mark.usefixtures("logging_restored")


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("how", ["refusing", "silent", "resetting"])
def test_all_exporters_together_are_stopped_in_time_with_a_collector_that_is_dead(
    protocol: str, how: str
) -> None:
    log, metrics = KeptLog(), Metrics()
    metrics.add(of.CHARACTERS, ("received",))
    with dead_collector(how) as endpoint:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_EXPORTER_OTLP_TIMEOUT": "0.8",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1",
            "OTEL_METRIC_EXPORT_INTERVAL": "10",
        }
        tracer = build_tracer(environ, "1", log)
        export = build_metric_export(environ, metrics, "1", log)
        assert export is not None
        export.start()
        for _ in range(10):
            exchange(tracer)
        begun = time.monotonic()
        stop_together((*tracer.senders, export), 1)
        took_s = time.monotonic() - begun
        ours = ("OtelBatch", "metrics export", "telemetry stopping")
        for thread in [found for found in threading.enumerate() if found.name.startswith(ours)]:
            thread.join(5)
            assert not thread.is_alive(), "what was not sent is given up"

    assert took_s < 1.5
    said = [event for _, event, _ in log.lines]
    assert len(said) == len(set(said)), "one line each"
    assert {*said} <= {"traces cannot be delivered", "metrics cannot be delivered"}
    assert len(said) == 2 or protocol == "grpc", "of two alike in 20 s the SDK's logger for gRPC passes one"


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
