"""Sends the metrics of a process to a collector over OTLP, as `telemetry/export.py` sends spans.

The variables are the same with METRICS for TRACES; without an endpoint there is no thread and no noise.
Each worker sends its own metrics as an instance of its own. Sums are cumulative since the process started.
Whatever is wrong with a collector is the business of the thread alone.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Exemplar as SdkExemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from telemetry.delivery import DeliveryReports
from telemetry.instruments import INSTRUMENTS, Instrument
from telemetry.log import Log, logger
from telemetry.metrics import Exemplar, Metrics, Point, Snapshot
from telemetry.stopping import SHUTDOWN_TIMEOUT_S, stop_together
from telemetry.variables import Delivery, Variables

_CUMULATIVE = AggregationTemporality.CUMULATIVE


class MetricExport:
    """Sends metrics every so often until it is stopped.

    Args:
        exporter: sends.
        metrics: what is sent.
        resource: who speaks.
        version: of Handrail.
        every_s: between two times.
    """

    def __init__(
        self, exporter: MetricExporter, metrics: Metrics, resource: Resource, version: str, every_s: float
    ) -> None:
        self._exporter = exporter
        self._metrics = metrics
        self._resource = resource
        self._scope = InstrumentationScope("handrail", version)
        self._every_s = every_s
        self._stopping = threading.Event()
        self._ending = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="metrics export", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def shutdown(self, timeout_s: float = SHUTDOWN_TIMEOUT_S) -> bool:
        """Send once more and stop. Blocks for `timeout_s` at most; returns whether that was enough."""
        return stop_together((self,), timeout_s)

    def finish(self) -> None:
        """See `telemetry.stopping.Sender`."""
        self._stopping.set()
        self._thread.join()
        self._end()

    def give_up(self) -> None:
        """See `telemetry.stopping.Sender`."""
        self._stopping.set()
        self._end()

    def unsent(self) -> str:
        """See `telemetry.stopping.Sender`."""
        return "the last metrics"

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopping.wait(self._every_s)
            if not self._ended:
                self._exporter.export(self._data())

    def _end(self) -> None:
        """End the exporter, once: a second time it complains of."""
        with self._ending:
            if not self._ended:
                self._ended = True
                self._exporter.shutdown()

    def _data(self) -> MetricsData:
        snapshot, now_ns = self._metrics.collect(), time.time_ns()
        metrics = list(sdk_metrics(snapshot, self._metrics.started_ns, now_ns))
        scope = ScopeMetrics(self._scope, metrics, "")
        return MetricsData([ResourceMetrics(self._resource, [scope], "")])


def build_metric_export(
    environ: Mapping[str, str], metrics: Metrics, version: str, log: Log | None = None
) -> MetricExport | None:
    """Return what sends metrics where the environment says, None if it says nothing. It never fails.

    Args:
        environ: usually `os.environ`.
        metrics: of this process.
        version: of Handrail.
        log: gets warnings about variables, and about metrics that cannot be delivered.
    """
    log = log or logger("telemetry")
    variables = Variables(environ, log, "METRICS")
    delivery = variables.delivery()
    if delivery is None or "otlp" not in delivery.exporters:
        return None
    DeliveryReports(log).install()
    try:
        exporter = _grpc(delivery) if delivery.protocol == "grpc" else _http(delivery)
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        log.warning("metrics are not exported", reason=str(error))
        return None
    resource = Resource.create(dict(variables.resource(version)))
    return MetricExport(exporter, metrics, resource, version, variables.metric_interval_s())


def _http(delivery: Delivery) -> MetricExporter:
    return OTLPMetricExporter(
        endpoint=delivery.endpoint,
        headers=delivery.headers,
        timeout=delivery.timeout_s,
        compression=Compression(delivery.compression),
    )


def _grpc(delivery: Delivery) -> MetricExporter:
    import grpc  # type: ignore[import-untyped]  # noqa: PLC0415 (16 MiB and 150 ms: only its users shall pay)
    from opentelemetry.exporter.otlp.proto.grpc import metric_exporter  # noqa: PLC0415

    gzip = delivery.compression == "gzip"
    return metric_exporter.OTLPMetricExporter(
        endpoint=delivery.endpoint,
        headers=delivery.headers,
        timeout=delivery.timeout_s,
        compression=grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression,
    )


def sdk_metrics(snapshot: Snapshot, started_ns: int, now_ns: int) -> Iterator[Metric]:
    """Yield the metrics as the SDK has them."""
    for one in INSTRUMENTS:
        points = snapshot.get(one.name)
        if points:
            data = _data(one, points, started_ns, now_ns)
            yield Metric(one.name, one.description, one.unit, data)


def _data(
    instrument: Instrument, points: Sequence[Point], started_ns: int, now_ns: int
) -> Sum | Gauge | Histogram:
    if instrument.kind == "histogram":
        return Histogram([_histogram(instrument, one, started_ns, now_ns) for one in points], _CUMULATIVE)
    numbers = [NumberDataPoint(_attributes(instrument, one), started_ns, now_ns, one.value) for one in points]
    if instrument.kind == "counter":
        return Sum(numbers, _CUMULATIVE, is_monotonic=True)
    return Gauge(numbers)


def _histogram(instrument: Instrument, point: Point, started_ns: int, now_ns: int) -> HistogramDataPoint:
    return HistogramDataPoint(
        attributes=_attributes(instrument, point),
        start_time_unix_nano=started_ns,
        time_unix_nano=now_ns,
        count=sum(point.counts),
        sum=point.value,
        bucket_counts=point.counts,
        explicit_bounds=instrument.buckets,
        min=None,  # type: ignore[arg-type] # not known: left out on the wire, as OTLP allows
        max=None,  # type: ignore[arg-type] # as min
        exemplars=[_exemplar(one) for one in point.exemplars if one is not None],
    )


def _attributes(instrument: Instrument, point: Point) -> dict[str, str]:
    return {key: value for key, value in zip(instrument.labels, point.labels, strict=True) if value}


def _exemplar(exemplar: Exemplar) -> SdkExemplar:
    span_id, trace_id = int(exemplar.span_id or "0", 16), int(exemplar.trace_id, 16)
    return SdkExemplar({}, exemplar.value, int(exemplar.time_s * 1e9), span_id, trace_id)
