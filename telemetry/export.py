"""Builds the one tracer of a process from its environment.

Spans are exported where `OTEL_EXPORTER_OTLP_ENDPOINT` (or `..._TRACES_ENDPOINT`) or `OTEL_TRACES_EXPORTER`
is set. Else nothing is: no thread, no queue, no noise, and no span is even made; trace ids are real all the
same, since log lines, rows and response headers carry them. Which variables count is in
`telemetry/variables.py`; `OTEL_EXPORTER_OTLP_CERTIFICATE` and its kin are read by the exporters themselves.

Own defaults where the SDK's do not suit a gateway: 2 s for a batch instead of 10, since a shutdown waits
for the last one; 256 spans a batch instead of 512, since encoding one holds the GIL; a batch every 2 s
instead of 5; a queue of 8192 spans instead of 2048, which 100 requests/s fill in 4 s; gzip, since spans
repeat themselves. HTTP is the default protocol, and the one with our own encoder (`telemetry/otlp.py`).
"""

import sys
from collections.abc import Mapping, Sequence

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import (
    ConsoleSpanExporter,
    SpanExporter,
    SpanExportResult,
)

from telemetry.content import ContentCapture
from telemetry.delivery import DeliveryReports
from telemetry.keeping import Keeping
from telemetry.log import Log, logger
from telemetry.otlp import SpanEncoder
from telemetry.span_counts import CountingProcessor
from telemetry.spans import SpanAssembly
from telemetry.tracer import Tracer
from telemetry.variables import Delivery, Variables


def build_tracer(
    environ: Mapping[str, str], version: str, log: Log | None = None, *, keeping: Keeping | None = None
) -> Tracer:
    """Return the tracer that the environment asks for. It never fails: see `telemetry/variables.py`.

    Args:
        environ: usually `os.environ`.
        version: of Handrail, for `service.version`.
        log: gets warnings about variables, and about spans that cannot be delivered.
        keeping: which traces are exported beside the sampled ones; None: none.
    """
    log = log or logger("telemetry")
    variables = Variables(environ, log)
    delivery = variables.delivery()
    resource = Resource.create(dict(variables.resource(version)))
    return Tracer(
        sampler=variables.sampler(),
        assembly=SpanAssembly(
            resource=resource, version=version, attribute_length=variables.attribute_length()
        ),
        processors=() if delivery is None else _processors(delivery, log),
        keeping=keeping or Keeping(),
        content=ContentCapture() if delivery is None else variables.content(),
        trust=variables.trust(),
    )


class QuickExporter(OTLPSpanExporter):
    """The SDK's exporter over HTTP, with our encoder in the place of its own.

    The SDK has no public door for bytes, so this touches the one private name that sends them. Where a
    release of the SDK has moved it, the SDK encodes as well: slower, but nothing is lost.
    """

    def __init__(
        self, *, endpoint: str, headers: dict[str, str], timeout_s: float, compression: Compression
    ) -> None:
        super().__init__(endpoint=endpoint, headers=headers, timeout=timeout_s, compression=compression)
        self._encoder = SpanEncoder()
        self._send = getattr(getattr(self, "_client", None), "export", None)
        self._stopped = False

    @property
    def quick(self) -> bool:
        """Whether our encoder is at work."""
        return self._send is not None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; troubles go to OpenTelemetry's log, hence to `telemetry.delivery`."""
        if self._stopped:
            return SpanExportResult.FAILURE
        if self._send is None:
            return super().export(spans)
        sent = self._send(self._encoder.encode(spans))
        return SpanExportResult.SUCCESS if sent.success else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Send nothing more, and break off what waits to be tried again. Later calls do nothing."""
        if not self._stopped:
            self._stopped = True
            super().shutdown()  # type: ignore[no-untyped-call] # the SDK has no type there


def _processors(delivery: Delivery, log: Log) -> tuple[SpanProcessor, ...]:
    DeliveryReports(log).install()
    processors = []
    for name in delivery.exporters:
        exporter = _console() if name == "console" else _otlp(delivery, log)
        if exporter is not None:
            processors.append(
                CountingProcessor(
                    exporter,
                    queue_spans=delivery.queue_spans,
                    delay_ms=delivery.delay_ms,
                    batch_spans=delivery.batch_spans,
                )
            )
    return tuple(processors)


def _console() -> SpanExporter:
    return ConsoleSpanExporter(out=sys.stdout, formatter=lambda span: span.to_json(indent=None) + "\n")


def _otlp(delivery: Delivery, log: Log) -> SpanExporter | None:
    try:
        return _grpc(delivery) if delivery.protocol == "grpc" else _http(delivery)
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        log.warning("traces are not exported", reason=str(error))
        return None


def _http(delivery: Delivery) -> SpanExporter:
    return QuickExporter(
        endpoint=delivery.endpoint,
        headers=delivery.headers,
        timeout_s=delivery.timeout_s,
        compression=Compression(delivery.compression),
    )


def _grpc(delivery: Delivery) -> SpanExporter:
    import grpc  # type: ignore[import-untyped]  # noqa: PLC0415 (16 MiB and 150 ms: only its users shall pay)
    from opentelemetry.exporter.otlp.proto.grpc import trace_exporter  # noqa: PLC0415

    gzip = delivery.compression == "gzip"
    return trace_exporter.OTLPSpanExporter(
        endpoint=delivery.endpoint,
        headers=delivery.headers,
        timeout=delivery.timeout_s,
        compression=grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression,
    )
