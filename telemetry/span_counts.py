"""How the export of spans is doing, as metrics: what waits, what went out, what was lost.

The SDK counts this too, into its own metrics and by its own instruments; here the numbers join ours.
"""

from collections.abc import Iterable, Iterator, Sequence

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from telemetry import instruments as of
from telemetry.instruments import Instrument
from telemetry.metrics import Labels, Source


class CountingExporter(SpanExporter):
    """Hands spans on to an exporter, and counts how it went."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter
        self.exported = 0
        self.failed = 0
        self._stopped = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter`."""
        result = SpanExportResult.FAILURE
        try:
            if not self._stopped:
                result = self.exporter.export(spans)
        finally:
            if result is SpanExportResult.SUCCESS:
                self.exported += len(spans)
            else:
                self.failed += len(spans)
        return result

    def shutdown(self) -> None:
        """See `SpanExporter`. Later calls do nothing: of a second one the SDK's exporters complain."""
        if not self._stopped:
            self._stopped = True
            self.exporter.shutdown()


class CountingProcessor(BatchSpanProcessor):
    """The SDK's processor, and how many spans it has dropped.

    The SDK has no public name for its queue. Where a release has moved it, nothing waits or is dropped here.
    """

    def __init__(self, exporter: SpanExporter, *, queue_spans: int, delay_ms: int, batch_spans: int) -> None:
        self.counts = CountingExporter(exporter)
        super().__init__(
            self.counts,
            max_queue_size=queue_spans,
            schedule_delay_millis=delay_ms,
            max_export_batch_size=batch_spans,
        )
        self.capacity = queue_spans
        self.dropped = 0
        self._waiting: Sequence[ReadableSpan] = getattr(getattr(self, "_batch_processor", None), "_queue", ())

    @property
    def waiting(self) -> int:
        """How many spans are in the queue."""
        return len(self._waiting)

    def on_end(self, span: ReadableSpan) -> None:
        """See `SpanProcessor`."""
        if len(self._waiting) >= self.capacity:
            self.dropped += 1
        super().on_end(span)


def span_source(processors: Iterable[SpanProcessor]) -> Source:
    """Return what tells how these are doing."""
    counting = [one for one in processors if isinstance(one, CountingProcessor)]

    def source() -> Iterator[tuple[Instrument, Labels, float]]:
        for instrument, value in (
            (of.SPANS_QUEUE, sum(one.waiting for one in counting)),
            (of.SPANS_CAPACITY, sum(one.capacity for one in counting)),
            (of.SPANS_EXPORTED, sum(one.counts.exported for one in counting)),
            (of.SPANS_FAILED, sum(one.counts.failed for one in counting)),
            (of.SPANS_DROPPED, sum(one.dropped for one in counting)),
        ):
            yield instrument, (), value

    return source
