import threading
from collections.abc import Iterator

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from telemetry import instruments as of
from telemetry.metric_export import build_metric_export
from telemetry.metrics import Metrics
from tests.telemetry.logs import KeptLog
from tests.telemetry.metric_receiver import Collected, grpc_metric_collector, metric_collector
from tests.telemetry.receiver import closed_port, silent_collector
from tests.telemetry.sent import attributes_of

pytestmark = pytest.mark.usefixtures("logging_restored")
TRACE = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


COLLECTORS = {"http/protobuf": metric_collector, "grpc": grpc_metric_collector}


@pytest.fixture(params=COLLECTORS)
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def collected(protocol: str) -> Iterator[Collected]:
    with COLLECTORS[protocol]() as got:
        yield got


def test_metrics_arrive_as_the_official_protocol_has_them(protocol: str, collected: Collected) -> None:
    metrics, log = Metrics(clock=lambda: 2.0), KeptLog()
    metrics.add(of.CHARACTERS, ("received",), 7)
    metrics.record(of.OPERATION_DURATION, ("chat", "openai", "m", "up", ""), 0.03, TRACE)
    metrics.ask(lambda: iter([(of.WORKERS, (), 1.0)]))
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collected.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_HEADERS": "tenant=a",
        "OTEL_METRIC_EXPORT_INTERVAL": "10",
    }
    export = build_metric_export(environ, metrics, "1.2.3", log)
    assert export is not None
    export.start()
    assert collected.came.wait(10)
    metrics.add(of.CHARACTERS, ("received",), 1)
    assert export.shutdown()

    path, request = collected.requests[-1]
    service = attributes_of(list(request.resource_metrics[0].resource.attributes))
    assert path == ("" if protocol == "grpc" else "/v1/metrics")
    assert collected.headers.get("tenant") == ("a" if protocol == "grpc" else None)
    assert (service["service.name"], service["service.version"]) == ("handrail", "1.2.3")
    assert service["service.instance.id"]
    told = collected.last()
    counted = {of.CHARACTERS.name, of.OPERATION_DURATION.name}
    assert set(told) == counted | {of.WORKERS.name, of.SOURCES_FAILED.name}
    sum_ = told[of.CHARACTERS.name].sum
    assert sum_.is_monotonic
    assert sum_.aggregation_temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    (number,) = sum_.data_points
    assert number.as_double == 8, "what came last is sent at the end"
    assert attributes_of(list(number.attributes)) == {"handrail.stream.stage": "received"}
    assert number.start_time_unix_nano == metrics.started_ns < number.time_unix_nano
    assert told[of.CHARACTERS.name].unit == "{character}"
    (point,) = told[of.OPERATION_DURATION.name].histogram.data_points
    assert (point.count, point.sum, list(point.explicit_bounds)) == (1, 0.03, list(of.SECONDS))
    assert list(point.bucket_counts) == [0, 0, 1, *[0] * 12]
    assert not point.HasField("min")
    assert "error.type" not in attributes_of(list(point.attributes))
    (exemplar,) = point.exemplars
    assert (exemplar.trace_id.hex(), exemplar.span_id.hex(), exemplar.as_double) == (*TRACE, 0.03)
    assert told[of.WORKERS.name].gauge.data_points[0].as_double == 1
    assert not log.lines


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        {"OTEL_METRICS_EXPORTER": "prometheus"},
        {"OTEL_TRACES_EXPORTER": "otlp"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    ],
)
def test_nothing_is_sent_or_said_where_nobody_asks_for_it(environ: dict[str, str]) -> None:
    log = KeptLog()
    assert build_metric_export(environ, Metrics(), "1", log) is None
    assert not log.lines


def test_a_collector_that_is_away_is_told_once_and_ends_with_the_service() -> None:
    log = KeptLog()
    metrics = Metrics()
    metrics.add(of.CHARACTERS, ("received",))
    environ = {
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": closed_port(),
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.2",
    }
    export = build_metric_export(environ, metrics, "1", log)
    assert export is not None
    export.start()
    assert export.shutdown()
    assert [event for _, event, _ in log.lines] == ["metrics cannot be delivered"]


def test_a_collector_that_says_nothing_is_not_waited_for() -> None:
    with silent_collector() as endpoint:
        environ = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5"}
        export = build_metric_export(environ, Metrics(), "1", KeptLog())
        assert export is not None
        export.start()
        assert not export.shutdown(0.05), "it was given up"
        for thread in [found for found in threading.enumerate() if found.name == "metrics export"]:
            thread.join(5)
            assert not thread.is_alive(), "what was under way is the last that is tried"


def test_what_cannot_be_had_is_said() -> None:
    log = KeptLog()
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
    }
    assert build_metric_export(environ, Metrics(), "1", log) is not None
    (fields,) = (fields for _, event, fields in log.lines if event == "environment variable not usable")
    assert fields["variable"] == "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
