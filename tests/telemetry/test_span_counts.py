import threading
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from telemetry import instruments as of
from telemetry.span_counts import CountingProcessor, span_source
from tests.telemetry.sent import exchange
from tests.telemetry.spans import tracer


class Slow(SpanExporter):
    """Takes spans when it is let, and says what it is told to."""

    def __init__(self, *results: SpanExportResult) -> None:
        self.results = list(results)
        self.let = threading.Event()
        self.asked = threading.Event()
        self.stopped = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.asked.set()
        assert self.let.wait(10)
        return self.results.pop(0) if self.results else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.stopped = True


def test_spans_that_wait_are_delivered_fail_or_are_dropped_are_told_apart() -> None:
    exporter = Slow(SpanExportResult.FAILURE)
    processor = CountingProcessor(exporter, queue_spans=4, delay_ms=60_000, batch_spans=4)
    traces, source = tracer(processor), span_source([processor])
    exchange(traces)  # four spans: a batch, which goes out and fails
    assert exporter.asked.wait(10)
    exchange(traces)  # four that wait
    exchange(traces)  # for each of these one of those goes
    told = {instrument: value for instrument, _, value in source()}
    assert (told[of.SPANS_QUEUE], told[of.SPANS_CAPACITY], told[of.SPANS_DROPPED]) == (4, 4, 4)
    exporter.let.set()
    traces.shutdown()
    told = {instrument: value for instrument, _, value in source()}
    assert (told[of.SPANS_EXPORTED], told[of.SPANS_FAILED], told[of.SPANS_QUEUE]) == (4, 4, 0)
    assert exporter.stopped
