"""Builds the one tracer of a process from its environment.

Spans are exported where `OTEL_EXPORTER_OTLP_ENDPOINT` (or `..._TRACES_ENDPOINT`) or `OTEL_TRACES_EXPORTER`
is set. Else nothing is: no thread, no queue, no noise, and no span is even made; trace ids are real all the
same, since log lines, rows and response headers carry them. Which variables count is in
`telemetry/variables.py`; `OTEL_EXPORTER_OTLP_CERTIFICATE` and its kin are read by the exporters themselves.

Own defaults where the SDK's do not suit a gateway: 2 s for a batch instead of 10, since a shutdown waits
for the last one; 256 spans a batch instead of 512, since encoding one holds the GIL; a batch every 2 s
instead of 5; a queue of 8192 spans instead of 2048, which 100 requests/s fill in 4 s; gzip, since spans
repeat themselves. HTTP is the default protocol: measured, gRPC costs the same, and 16 MiB more of memory.
"""

import sys
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

from telemetry.delivery import DeliveryReports
from telemetry.log import Log, logger
from telemetry.spans import SpanAssembly
from telemetry.tracer import Tracer
from telemetry.variables import Delivery, Variables


def build_tracer(environ: Mapping[str, str], version: str, log: Log | None = None) -> Tracer:
    """Return the tracer that the environment asks for. It never fails: see `telemetry/variables.py`.

    Args:
        environ: usually `os.environ`.
        version: of Handrail, for `service.version`.
        log: gets warnings about variables, and about spans that cannot be delivered.
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
        trust=variables.trust(),
    )


def _processors(delivery: Delivery, log: Log) -> tuple[SpanProcessor, ...]:
    DeliveryReports(log).install()
    processors = []
    for name in delivery.exporters:
        exporter = _console() if name == "console" else _otlp(delivery, log)
        if exporter is not None:
            processors.append(
                BatchSpanProcessor(
                    exporter,
                    max_queue_size=delivery.queue_spans,
                    schedule_delay_millis=delivery.delay_ms,
                    max_export_batch_size=delivery.batch_spans,
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
    return OTLPSpanExporter(
        endpoint=delivery.endpoint,
        headers=delivery.headers,
        timeout=delivery.timeout_s,
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
