"""The trace of one exchange: plain notes while it runs, spans once it is over.

Opening an SDK span costs 20 us and a current-span context must not be held across a generator's `yield`. So
an exchange notes names, times and attributes in the small objects below; ids and the sampling decision are
real from the start. When the exchange has ended, `Trace.end` hands the whole tree to the exporter in one go,
and does nothing at all where the trace was neither sampled nor kept. What a viewer shows is the same.

This is the shape the rest of the project talks to; `telemetry/tracer.py` makes traces and turns them into
spans.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from telemetry.keeping import Ending

Attribute = str | bool | int | float | tuple[str, ...]
"""What a span attribute may be. None is never set: leave the key out."""


class SpanNote:
    """One span in the making. Children are all direct children of the root: the tree is two levels deep."""

    __slots__ = (
        "asked", "attributes", "end_ns", "error_type", "events", "kind", "name", "span_id", "start_ns",
    )  # fmt: skip

    def __init__(
        self, name: str, kind: str, span_id: str, start_ns: int, attributes: dict[str, Attribute]
    ) -> None:
        self.name = name
        self.kind = kind
        """`server`, `client` or `internal`."""
        self.span_id = span_id
        """16 lower-case hex digits."""
        self.start_ns = start_ns
        """Unix time in nanoseconds, as all times here."""
        self.end_ns: int | None = None
        self.attributes = attributes
        self.error_type: str | None = None
        """Sets the status to ERROR and the attribute `error.type`; None leaves the status unset."""
        self.events: list[tuple[str, int, dict[str, Attribute]]] = []
        """Name, time, attributes."""
        self.asked: Mapping[str, object] | None = None
        """The document that is sent, for whoever may show of it what may be seen; itself never exported."""


class Trace(Protocol):
    """The trace of one exchange."""

    trace_id: str
    """32 lower-case hex digits."""
    sampled: bool
    """Whether it is exported when it ends."""
    recording: bool
    """Whether it is, or may be once `settle` knows the end: what is noted may then be seen."""
    root: SpanNote

    @property
    def traceparent(self) -> str:
        """W3C Trace Context header naming the root span, for the response."""

    @property
    def children(self) -> Sequence[SpanNote]:
        """The spans below the root so far, in the order in which they began."""

    def span(self, name: str, kind: str, start_ns: int, attributes: dict[str, Attribute]) -> SpanNote:
        """Begin a child of the root.

        Its `end_ns` is set by whoever began it; one left open ends with the root.
        """

    def settle(self, ending: Ending | None, end_ns: int) -> None:
        """Decide about a trace that was not sampled, now that the exchange's end is known."""

    def end(self, end_ns: int) -> None:
        """End the root and hand the tree over for export, if the trace is sampled. Once."""
