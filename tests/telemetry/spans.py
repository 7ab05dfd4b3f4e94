"""What the telemetry tests share: ids that count, a processor that keeps, spans as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Sampler

from telemetry.keeping import Keeping
from telemetry.spans import SpanAssembly
from telemetry.tracer import Tracer, Trust

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CALLER_UNSAMPLED = CALLER[:-1] + "0"
CALLER_TRACE_ID, CALLER_SPAN_ID = CALLER.split("-")[1:3]


class CountingIds(IdGenerator):
    """Trace ids 1, 2, ...; span ids 1, 2, ...; they claim to be random, as real ones do."""

    def __init__(self) -> None:
        self._trace_id = 0
        self._span_id = 0

    def generate_trace_id(self) -> int:
        self._trace_id += 1
        return self._trace_id

    def generate_span_id(self) -> int:
        self._span_id += 1
        return self._span_id

    def is_trace_id_random(self) -> bool:
        return True


class KeptSpans(SpanProcessor):
    """Keeps what it gets, in order."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self.stopped = False

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)

    def shutdown(self) -> None:
        self.stopped = True


class SpanValue(NamedTuple):
    """A span with everything that a viewer sees, fit for `==`."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str | None
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Any]
    status: str = "UNSET"
    events: Sequence[tuple[str, int, Mapping[str, Any]]] = ()


def value_of(span: ReadableSpan) -> SpanValue:
    """Return the span as a value."""
    assert span.start_time is not None
    assert span.end_time is not None
    return SpanValue(
        name=span.name,
        kind=span.kind.name,
        trace_id=f"{span.context.trace_id:032x}",
        span_id=f"{span.context.span_id:016x}",
        parent_id=f"{span.parent.span_id:016x}" if span.parent else None,
        start_ns=span.start_time,
        end_ns=span.end_time,
        attributes=dict(span.attributes or {}),
        status=span.status.status_code.name,
        events=tuple((event.name, event.timestamp, dict(event.attributes or {})) for event in span.events),
    )


def tracer(
    *processors: SpanProcessor,
    sampler: Sampler = DEFAULT_ON,
    trust: Trust = "trust",
    keeping: Keeping = Keeping(),  # noqa: B008 (frozen)
) -> Tracer:
    """Return a tracer whose ids count."""
    return Tracer(
        sampler=sampler,
        assembly=SpanAssembly(resource=Resource({"service.name": "handrail"}), version="1.2.3"),
        processors=processors,
        trust=trust,
        keeping=keeping,
        ids=CountingIds(),
    )
